// What is known of a film's time line; the player alone asks.
import { answer, http } from './client';
import type { Scenes } from './shapes';

export const scenes = (playback: string): Promise<Scenes> =>
  answer(http.GET('/api/v1/playbacks/{id}/scenes', { params: { path: { id: playback } } }));
