// Requests about finding channels. They come with the place that makes them, and not with the first page.
import { answer, http } from './client';
import type { Channel, FoundChannel } from './shapes';

/** Channels that followed ones vouch for. Nobody is contacted. */
export const foundChannels = async (): Promise<FoundChannel[]> =>
  (await answer(http.GET('/api/v1/found-channels'))).channels;

/** Asks the domain that a channel claims. */
export const askDomain = (id: string): Promise<Channel> =>
  answer(http.POST('/api/v1/channels/{id}/vouched', { params: { path: { id } } }));
