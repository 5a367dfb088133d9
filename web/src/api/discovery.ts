// Requests about finding channels and believing them. They come with the place that makes them, and not with the first page.
import { answer, http } from './client';
import type { Channel, FoundChannel } from './shapes';

/** Channels that followed ones vouch for. Nobody is contacted. */
export const foundChannels = async (): Promise<FoundChannel[]> =>
  (await answer(http.GET('/api/v1/found-channels'))).channels;

/** Takes updates again although the channel's key signed two different versions. */
export const forgiveChannel = (id: string): Promise<unknown> =>
  answer(http.POST('/api/v1/channels/{id}/forgiven', { params: { path: { id } } }));

/** Asks the domain that a channel claims. */
export const askDomain = (id: string): Promise<Channel> =>
  answer(http.POST('/api/v1/channels/{id}/vouched', { params: { path: { id } } }));
