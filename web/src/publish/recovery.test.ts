// The words on paper: what is pasted is read, what is begun is completed, and what is misspelt is guessed only if one word fits.
import { describe, expect, it } from 'vitest';
import { completed, meant, wordsIn } from './recovery';

const LIST = ['abandon', 'alpha', 'become', 'bright', 'bring', 'deal', 'deer', 'dragon', 'zoo'];

describe('words on paper', () => {
  it('are found in whatever way they were pasted', () => {
    expect(wordsIn('1. Alpha\n2. deal,\t03) ZOO ')).toEqual(['alpha', 'deal', 'zoo']);
    expect(wordsIn('12 34')).toEqual([]);
  });

  it('are completed once four letters tell which one is meant', () => {
    expect(completed('drag', LIST)).toBe('dragon');
    expect(completed('dra', LIST)).toBe('dra');
    expect(completed('zoo', LIST)).toBe('zoo');
    expect(completed('brix', LIST)).toBe('brix');
  });

  it('that are misspelt are guessed only if one word is nearest', () => {
    expect(meant('alhpa', LIST)).toBe('alpha');
    expect(meant('becom', LIST)).toBe('become');
    expect(meant('deel', LIST)).toBeNull();
    expect(meant('quixotic', LIST)).toBeNull();
  });
});
