// The token that proves the page was opened by this Kinora: taken from the address once, then kept for this tab.
const KEY = 'kinora-token';

/** Moves `#token=…` from the address bar to this tab's storage, so that it is neither shared nor kept in history. */
export function takeToken(): void {
  const match = /^#token=([^&]+)(?:&(.*))?$/.exec(location.hash);
  if (!match?.[1]) return;
  sessionStorage.setItem(KEY, decodeURIComponent(match[1]));
  const rest = match[2] ? `#${decodeURIComponent(match[2])}` : '';
  history.replaceState(null, '', `${location.pathname}${location.search}${rest}`);
}

export function token(): string | null {
  return sessionStorage.getItem(KEY);
}

/** The header every request to the API carries. */
export function authorization(): Record<string, string> {
  const value = token();
  return value === null ? {} : { Authorization: `Bearer ${value}` };
}
