// Lengths of time, sizes, speeds and names of languages, as the spoken language writes them.
import { language, t } from './index.svelte';

const MINUTE = 60;
const HOUR = 3600;

/** A running time in words: `1 h 35 min`. */
export function duration(seconds: number): string {
  const whole = Math.max(1, Math.round(seconds / MINUTE));
  const hours = Math.floor(whole / 60);
  const minutes = whole % 60;
  if (hours === 0) return t('duration-minutes', { minutes });
  return minutes === 0 ? t('duration-hours', { hours }) : t('duration-hours-minutes', { hours, minutes });
}

/** A point in time on the clock of a film: `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  const rest = two(whole % MINUTE);
  return hours > 0 ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** A number of bytes in decimal units: `1.4 GB`. */
export function size(bytes: number): string {
  return scaled(bytes, '', bytes === 0 ? 1 : 0);
}

/** A number of bytes in the unit the cache is measured out in: `19.5`. */
export function gib(bytes: number): string {
  return number(bytes / 1024 ** 3);
}

/** A speed in bytes per second: `3.2 MB/s`. */
export function rate(bytesPerSecond: number): string {
  // Never in single bytes: a number that jumps between units cannot be read at a glance.
  return scaled(bytesPerSecond, '-per-second', 1);
}

function scaled(bytes: number, suffix: '' | '-per-second', least: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(least, Math.floor(Math.log10(Math.max(1, bytes)) / 3)));
  const value = bytes / 1000 ** power;
  return new Intl.NumberFormat(language(), {
    style: 'unit',
    unit: `${UNITS[power] ?? 'byte'}${suffix}`,
    unitDisplay: 'short',
    maximumFractionDigits: value >= 0.1 && value < 10 && power > 0 ? 1 : 0,
  }).format(value);
}

/** A part of a whole: `45 %`. */
export function percent(fraction: number, digits = 0): string {
  return new Intl.NumberFormat(language(), { style: 'percent', maximumFractionDigits: digits }).format(
    fraction,
  );
}

export function number(value: number, digits = 1): string {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value);
}

/** The name of a language in the language spoken now. */
export function languageName(code: string): string {
  return displayName(code, language(), 'language');
}

/** The name of a language as those who speak it write it. */
export function ownLanguageName(code: string): string {
  return displayName(code, code, 'language');
}

export function countryName(code: string): string {
  return displayName(code, language(), 'region');
}

function displayName(code: string, inLanguage: string, type: 'language' | 'region'): string {
  try {
    const name = new Intl.DisplayNames([inLanguage], { type }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(inLanguage) + name.slice(1);
  } catch {
    return code;
  }
}

export function list(items: string[]): string {
  return new Intl.ListFormat(language(), { type: 'conjunction', style: 'narrow' }).format(items);
}

const STEPS = [
  ['day', 86_400],
  ['hour', HOUR],
  ['minute', MINUTE],
] as const;

/** How long ago something was: `2 hours ago`. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(iso)) / 1000);
  const [unit, length] = STEPS.find(([, one]) => seconds >= one) ?? ['minute', MINUTE];
  const words = new Intl.RelativeTimeFormat(language(), { numeric: 'auto' });
  return words.format(-Math.floor(seconds / length), unit);
}

export function date(iso: string): string {
  return new Intl.DateTimeFormat(language(), { dateStyle: 'medium' }).format(new Date(iso));
}
