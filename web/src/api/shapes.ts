// The server's shapes under their short names.
import type { components } from './schema';

type Schemas = components['schemas'];

export type Problem = Schemas['Problem'];
export type Licence = Schemas['Licence'];
export type Progress = Schemas['Progress'];
export type Card = Schemas['Card'];
export type Kind = Card['kind'];
export type Release = Schemas['Release'];
export type Episode = Schemas['Episode'];
export type Season = Schemas['Season'];
export type Title = Schemas['Title'];
export type Row = Schemas['Row'];
export type Home = Schemas['Home'];
export type Facets = Schemas['Facets'];
export type SearchResult = Schemas['SearchResult'];
export type Playback = Schemas['Playback'];
/** The parts on disk are pairs of fractions; a generated client does not promise how many numbers there are. */
export type PlaybackState = Omit<Schemas['PlaybackState'], 'on_disk'> & { on_disk: number[][] };
export type Settings = Schemas['Settings'];
export type SettingsPatch = Schemas['SettingsPatch'];
export type Sharing = Schemas['Sharing'];
export type Download = Schemas['Download'];
export type Network = Schemas['Network'];
export type Channel = Schemas['Channel'];
export type FilterState = Schemas['FilterState'];
export type FilteredBy = Schemas['FilteredBy'];
export type FoundChannel = Schemas['FoundChannel'];
export type ChannelList = Schemas['ChannelList'];
export type AddressRead = Schemas['AddressRead'];
export type BlockedChannel = Schemas['BlockedChannel'];
export type OwnChannel = Schemas['OwnChannel'];
export type VouchedChannel = Schemas['VouchedChannel'];
export type VouchedChannels = Schemas['VouchedChannels'];
export type ClaimedDomain = Schemas['ClaimedDomain'];
export type Published = Schemas['PublishedVersion'];
export type Restoration = Schemas['Restoration'];
export type WordsRead = Schemas['WordsRead'];
export type CreatedChannel = Schemas['CreatedChannel'];
export type Master = Schemas['MasterShown'];
export type Offer = Schemas['Offer'];
export type Scenes = Schemas['Scenes'];
export type FilmRecord = Schemas['FilmRecord'];
export type LicenceChoice = Schemas['LicenceChoice'];
export type NewChannel = Schemas['NewChannelRequest'];
export type Site = Schemas['SiteShown'];
export type OwnSite = Schemas['OwnSiteShown'];
/** How the texts of a site look. */
export type SiteTheme = Schemas['ThemeShown'];
export type CreatedSite = Schemas['CreatedSite'];
export type RestoredSite = Schemas['RestoredSite'];
export type SiteLine = Schemas['SiteLine'];
export type PublishedSite = Extract<SiteLine, { event: 'published' }>;
export type RefusedFile = Schemas['Refused'];
export type Blocked = Schemas['BlockedTitle'];
