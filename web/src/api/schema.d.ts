// The API, as openapi.json describes it. Written by `npm run api`: do not edit.
type Json<T> = { content: { 'application/json': T } };
type Body<T> = { content: { 'application/json': T } };
type Ok<T> = { 200: Json<T>; default: { content: { 'application/problem+json': components['schemas']['Problem'] } } };
type Done = { 204: { content?: never }; default: { content: { 'application/problem+json': components['schemas']['Problem'] } } };
type No = { query?: never; header?: never; path?: never; cookie?: never };
type Id<K extends string> = { query?: never; header?: never; path: Record<K, string>; cookie?: never };
type S = components['schemas'];

export interface components {
  schemas: {
    Problem: { status: number; code: string; title: string; detail?: string | null; hint?: string | null };
    Licence: { spdx: string; name: string; url: string | null };
    Progress: { item_id: string; position_s: number; duration_s: number; fraction: number; updated_at: string };
    Card: {
      id: string;
      kind: 'film' | 'series' | 'short';
      name: string;
      year: number | null;
      runtime_s: number | null;
      poster: string | null;
      poster_small: string | null;
      thumbhash: string | null;
      genres: string[];
      licence: S['Licence'];
      audio_languages: string[];
      subtitle_languages: string[];
      qualities: string[];
      favourite: boolean;
      watched: boolean;
      progress: S['Progress'] | null;
      next_label: string | null;
    };
    Subtitle: { id: string; language: string; label: string | null; format: string };
    Release: {
      id: string;
      quality: string;
      width: number | null;
      height: number | null;
      container: string;
      video_codec: string | null;
      audio_codec: string | null;
      audio_languages: string[];
      size_bytes: number;
      on_disk_bytes: number;
      infohash: string;
      subtitles: S['Subtitle'][];
    };
    Episode: {
      id: string;
      season: number;
      number: number;
      name: string;
      synopsis: string | null;
      runtime_s: number | null;
      still: string | null;
      releases: S['Release'][];
      progress: S['Progress'] | null;
      watched: boolean;
    };
    Season: { number: number; name: string | null; episodes: S['Episode'][] };
    Person: { name: string; role: string };
    Title: S['Card'] & {
      original_name: string | null;
      synopsis: string | null;
      backdrop: string | null;
      people: S['Person'][];
      countries: string[];
      attribution: string;
      source: string;
      publisher: string;
      withdrawn: boolean;
      releases: S['Release'][];
      seasons: S['Season'][];
      next_episode_id: string | null;
    };
    Row: { id: string; label_key: string; label_args: Record<string, string | number>; titles: S['Card'][] };
    Home: { continue_watching: S['Card'][]; rows: S['Row'][] };
    TitleList: { total: number; titles: S['Card'][] };
    Facet: { value: string; count: number };
    Facets: {
      kinds: S['Facet'][];
      genres: S['Facet'][];
      languages: S['Facet'][];
      subtitles: S['Facet'][];
      licences: S['Facet'][];
      decades: S['Facet'][];
    };
    SearchResult: { titles: S['Card'][]; corrected: string | null };
    PlayRequest: { item_id: string; release_id?: string; position_s?: number; can_play?: string[] };
    PlaybackSubtitle: { id: string; language: string; label: string | null; url: string };
    Playback: {
      id: string;
      item_id: string;
      title_id: string;
      release_id: string;
      title: string;
      episode_label: string | null;
      stream_url: string;
      external_url: string;
      mime: string;
      duration_s: number | null;
      resume_s: number;
      subtitles: S['PlaybackSubtitle'][];
      releases: S['Release'][];
      next_item_id: string | null;
      size_bytes: number;
      infohash: string;
    };
    PlaybackState: {
      stage: 'metadata' | 'peers' | 'index' | 'filling' | 'ready' | 'stalled';
      reason: null | 'metadata' | 'checking' | 'no_peers' | 'choked' | 'missing' | 'fetching';
      peers: number;
      seeds: number;
      unchoked: number;
      web_seeds: number;
      known_peers: number;
      down_rate: number;
      up_rate: number;
      downloaded: number;
      uploaded: number;
      wasted: number;
      size_bytes: number;
      on_disk_bytes: number;
      on_disk: number[][];
      availability_min: number;
    };
    Consent: { given: boolean; at: string | null; version: number };
    Sharing: {
      enabled: boolean;
      up_limit_kib: number | null;
      down_limit_kib: number | null;
      seed_ratio_max: number | null;
      seed_after_watching: boolean;
    };
    Cache: { path: string; quota_gib: number; used_bytes: number };
    Settings: {
      consent: S['Consent'];
      sharing: S['Sharing'];
      cache: S['Cache'];
      language: string;
      audio_language: string | null;
      subtitle_language: string | null;
      theme: 'system' | 'dark' | 'light';
      network: { listen_port: number };
    };
    SettingsPatch: {
      sharing?: Partial<S['Sharing']>;
      cache?: { path?: string; quota_gib?: number };
      language?: string;
      audio_language?: string | null;
      subtitle_language?: string | null;
      theme?: 'system' | 'dark' | 'light';
    };
    ConsentRequest: { given: boolean; sharing: S['Sharing'] };
    DownloadFile: { index: number; path: string; length: number; playable: boolean; done_bytes: number };
    Download: {
      id: string;
      item_id: string | null;
      name: string;
      state: 'queued' | 'fetching' | 'checking' | 'done' | 'paused' | 'failed';
      done_bytes: number;
      size_bytes: number;
      down_rate: number;
      up_rate: number;
      peers: number;
      ratio: number;
      pinned: boolean;
      files: S['DownloadFile'][];
      error: S['Problem'] | null;
    };
    Downloads: { downloads: S['Download'][] };
    Network: {
      peers: number;
      down_rate: number;
      up_rate: number;
      uploaded: number;
      downloaded: number;
      listen_port: number;
      torrents: number;
    };
    BlockedTitle: { id: string; name: string };
    Blocked: { titles: S['BlockedTitle'][] };
  };
}

export interface paths {
  '/api/v1/home': { get: { parameters: No; responses: Ok<S['Home']> } };
  '/api/v1/titles': {
    get: {
      parameters: {
        query?: {
          kind?: string;
          genre?: string;
          language?: string;
          subtitle?: string;
          licence?: string;
          quality?: string;
          decade?: string;
          favourite?: boolean;
          watched?: boolean;
          sort?: 'popular' | 'name' | 'year' | 'added';
          limit?: number;
          offset?: number;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      responses: Ok<S['TitleList']>;
    };
  };
  '/api/v1/titles/{id}': { get: { parameters: Id<'id'>; responses: Ok<S['Title']> } };
  '/api/v1/facets': { get: { parameters: No; responses: Ok<S['Facets']> } };
  '/api/v1/search': {
    get: {
      parameters: { query: { q: string; limit?: number }; header?: never; path?: never; cookie?: never };
      responses: Ok<S['SearchResult']>;
    };
  };
  '/api/v1/play': { post: { parameters: No; requestBody: Body<S['PlayRequest']>; responses: Ok<S['Playback']> } };
  '/api/v1/playbacks/{id}': {
    get: { parameters: Id<'id'>; responses: Ok<S['PlaybackState']> };
    delete: { parameters: Id<'id'>; responses: Done };
  };
  '/api/v1/progress/{item_id}': {
    put: {
      parameters: Id<'item_id'>;
      requestBody: Body<{ position_s: number; duration_s: number }>;
      responses: Done;
    };
    delete: { parameters: Id<'item_id'>; responses: Done };
  };
  '/api/v1/favourites/{title_id}': {
    put: { parameters: Id<'title_id'>; responses: Done };
    delete: { parameters: Id<'title_id'>; responses: Done };
  };
  '/api/v1/watched/{item_id}': {
    put: { parameters: Id<'item_id'>; responses: Done };
    delete: { parameters: Id<'item_id'>; responses: Done };
  };
  '/api/v1/blocked': { get: { parameters: No; responses: Ok<S['Blocked']> } };
  '/api/v1/blocked/{title_id}': {
    put: { parameters: Id<'title_id'>; responses: Done };
    delete: { parameters: Id<'title_id'>; responses: Done };
  };
  '/api/v1/settings': {
    get: { parameters: No; responses: Ok<S['Settings']> };
    patch: { parameters: No; requestBody: Body<S['SettingsPatch']>; responses: Ok<S['Settings']> };
  };
  '/api/v1/consent': { post: { parameters: No; requestBody: Body<S['ConsentRequest']>; responses: Ok<S['Settings']> } };
  '/api/v1/downloads': {
    get: { parameters: No; responses: Ok<S['Downloads']> };
    post: {
      parameters: No;
      requestBody: Body<{ item_id: string; release_id: string }>;
      responses: Ok<S['Download']>;
    };
  };
  '/api/v1/downloads/{id}': {
    delete: {
      parameters: { query?: { delete_files?: boolean }; header?: never; path: { id: string }; cookie?: never };
      responses: Done;
    };
    patch: {
      parameters: Id<'id'>;
      requestBody: Body<{ paused?: boolean; pinned?: boolean }>;
      responses: Ok<S['Download']>;
    };
  };
  '/api/v1/torrents/{id}/play': {
    post: { parameters: Id<'id'>; requestBody: Body<{ file: number }>; responses: Ok<S['Playback']> };
  };
  '/api/v1/network': { get: { parameters: No; responses: Ok<S['Network']> } };
}
