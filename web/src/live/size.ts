// How large the page is drawn on this screen: a matter of the device, so it stays on the device.

export const SIZES = ['normal', 'large', 'tv'] as const;
export type Size = (typeof SIZES)[number];

export function rememberedSize(): Size {
  return SIZES.find((size) => size === localStorage.getItem('kinora-size')) ?? 'normal';
}

export function setSize(size: Size): void {
  localStorage.setItem('kinora-size', size);
  document.documentElement.dataset['size'] = size;
}
