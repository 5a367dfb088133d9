// What the viewer asked to see over whatever place they are in.

export const asked = $state({ help: false });
