# Every sentence of the page, in English.

## The frame

nav = Places
nav-home = Home
nav-films = Films
nav-series = Series
nav-shorts = Shorts
nav-all = All titles
nav-library = Library
nav-downloads = Downloads
nav-settings = Settings
skip-to-content = Skip to the content
loading = Loading…
close = Close
open = Open
back = Back
undo = Undo
saved = Saved
copied = Copied
further = Further pages
try-again = Try again

## Searching and browsing

search = Search
search-placeholder = Search titles and people
search-for = Results for “{ $words }”
search-start = What would you like to watch?
search-start-hint = Type a title, a name or a year. A letter too many or too few does no harm.
search-none = Nothing found for “{ $words }”
search-best = The { $count } titles that fit best
search-none-hint = Try fewer words or another spelling, or look through all titles.
search-corrected = Search for “{ $words }” instead
search-results = Search results
see-all = See all
row-earlier = Show earlier titles
row-later = Show more titles
row-continue = Continue watching
row-recently-added = New here
row-popular = Worth an evening
row-films = Films
row-series = Series
row-shorts = Shorts
row-concerts = Concerts
row-performances = On stage
row-lectures = Lectures
row-newsreels = Newsreels
row-favourites = Your favourites
row-genre = { $genre }
row-language = In { $language }
row-decade = From the { $decade }s
row-watched = Seen
row-unwatched = Not seen yet
home-empty = Nothing here yet
home-empty-hint = As soon as Kinora knows of titles, they appear here. You can also open a magnet link or a .torrent file: drop it anywhere on this page.
filters = Filters
filter-any = Any
filter-clear = Clear the filters
filter-kind = Kind
filter-genre = Genre
filter-decade = Years
filter-language = Spoken in
filter-subtitle = Subtitles
filter-licence = Licence
filter-unseen = Not seen yet
filter-said-subtitle = { $language } subtitles
decade = { $year }s
sort = Sort by
sort-popular = Popular
sort-added = Newest here
sort-year = Year
sort-name = Name
title-count =
    { $count ->
        [0] No titles
        [one] { $count } title
       *[other] { $count } titles
    }
browse-none = No title fits all of these filters
browse-none-hint = Take one away and look again.
kind-film = Film
kind-series = Series
kind-short = Short
kind-concert = Concert
kind-performance = Stage performance
kind-lecture = Lecture
kind-newsreel = Newsreel
card-menu = More for { $name }
card-watched = Seen
card-played = { $percent } watched
card-subtitles = subtitles: { $languages }

## What can be done

action-play = Play
action-resume = Resume
action-details = Details
action-favourite = Add to favourites
action-unfavourite = Take out of favourites
action-watched = Mark as seen
action-unwatched = Mark as not seen
action-forget = Take out of “Continue watching”
action-hide = Hide this title
hidden-notice = “{ $name }” is hidden.
play-quality = Play · { $quality }
play-resume = Resume at { $time }
play-from-start = From the start
play-episode = Play S{ $season } E{ $number }
play-episode-resume = Resume S{ $season } E{ $number } at { $time }
download-started = The download has begun.
copy-magnet = Copy the magnet link of { $quality }
magnet-copied = Copied. Whoever opens this link finds the same film.
download-quality = Download in { $quality }, { $size }

## A title

original-name = Original title: { $name }
title-withdrawn = The publisher has withdrawn this title. What is on your disk stays yours to watch.
season = Season { $number }
season-watched = Mark the season as seen
season-unwatched = Mark the season as not seen
seasons = Seasons
season-count =
    { $count ->
        [one] { $count } season
       *[other] { $count } seasons
    }
episodes = Episodes
episode-short = S{ $season } E{ $number }
next-up = Next
versions = Versions
on-disk = { $percent } on disk
people = People
role-director = Director
role-writer = Writer
role-producer = Producer
role-actor = Actor
role-cast = Cast
role-composer = Composer
role-cinematographer = Cinematographer
role-editor = Editor
role-animator = Animator
languages = Languages
audio = Sound
subtitles = Subtitles
no-subtitles = No subtitles
none-stated = Not stated
provenance = Where it comes from
provenance-why = You may watch this and share it with others, because it is under { $licence }.
licence = Licence
attribution = Attribution
copy-attribution = Copy the attribution
publisher = Publisher
source = Source
provenance-technical = For other BitTorrent programs
infohash = Infohash

## Genres

genre-action = Action
genre-adventure = Adventure
genre-animation = Animation
genre-comedy = Comedy
genre-crime = Crime
genre-documentary = Documentary
genre-drama = Drama
genre-experimental = Experimental
genre-family = Family
genre-fantasy = Fantasy
genre-history = History
genre-horror = Horror
genre-music = Music
genre-mystery = Mystery
genre-romance = Romance
genre-science = Science
genre-science-fiction = Science fiction
genre-silent = Silent
genre-thriller = Thriller
genre-war = War
genre-western = Western

## The player

player = Player
playing = Playing
paused = Paused
pause = Pause
replay = Play again
player-play-pause = Play or pause
seek = Position
skip-back = Rewind 10 seconds
skip-ahead = Skip 10 seconds
time-played = Time played
time-left = Time left
corner = Watch in the corner
corner-leave = Return to the film
corner-stop = Stop watching
seek-at = { $time } of { $total }
plays-at-once = plays at once
fetched-first = is fetched first
volume = Volume
volume-now = Volume { $percent }
mute = Mute
unmute = Sound on
muted = Muted
fullscreen = Full screen
leave-fullscreen = Leave full screen
picture-in-picture = Picture in picture
speed = Speed
speed-now = Speed { $rate }×
speed-normal = Normal
quality = Quality
stats = What is happening
next-episode = Next episode
no-next = There is no next episode
no-previous = There is no earlier episode
next-in =
    { $seconds ->
        [0] Next
        [one] Next in { $seconds } second
       *[other] Next in { $seconds } seconds
    }
play-now = Play now
no-thanks = No, thank you
audio-only-one = This film has one sound track only
subtitles-on = Subtitles on
subtitles-off = No subtitles
subtitles-failed = The subtitles in { $language } could not be fetched
subtitle-own-file = Use a file of your own…
subtitle-file-added = Subtitles from { $name }
subtitle-file-unreadable = { $name } holds no subtitles we can read: SRT, VTT and ASS work
subtitle-delay = Delay
delay-now = Subtitles delayed by { $seconds } s
earlier = Earlier
later = Later
seconds = { $seconds } s
subtitle-size = Size of subtitles
subtitle-size-now = Subtitles { $percent }
smaller = Smaller
larger = Larger
subtitle-background = Look of subtitles
subtitle-outline = Outline
subtitle-box = Dark box
subtitle-plain = Plain
subtitle-sample = So this is how they look.
stages = Steps to the first picture
stage-metadata = Reading the torrent
stage-peers = Finding peers
stage-index = Reading the index
stage-filling = Filling
stage-starting = Starting
reason-opening = Opening…
reason-metadata = Asking others what this torrent holds.
reason-checking = Checking what is on your disk already.
reason-no-peers = Nobody who has this film is reachable yet. We keep looking.
reason-choked = { $peers ->
        [one] { $peers } peer is there but busy with others. Our turn will come.
       *[other] { $peers } peers are there but busy with others. Our turn will come.
    }
reason-missing = Nobody we can reach has this part of the film right now.
reason-fetching = Fetching the next part.
lower-quality = Play in { $quality } instead
keep-waiting = Keep waiting
needs-click = Your browser wants you to press play.
peer-count =
    { $count ->
        [one] { $count } peer
       *[other] { $count } peers
    }
picture = Picture
buffer-ahead = Buffered ahead
frames = Frames
frames-dropped = { $dropped } of { $total } dropped
peers = Peers
peers-line = { $peers } connected, { $seeds } complete{ $known ->
    [0] {""}
   *[other] , { $known } known
 }
in-swarm = Everybody there is
swarm-line = { $seeds } complete, { $leechers } fetching
# In a list of facts about a download: how many others have all of it, and how many are on their way.
swarm-has = { $seeds ->
    [one] 1 complete copy
   *[other] { $seeds } complete copies
 } around
sending-to-us = Sending to us
senders-line = { $unchoked ->
    [one] 1 peer
   *[other] { $unchoked } peers
 }{ $web ->
    [0] {""}
    [one] , 1 web server
   *[other] , { $web } web servers
 }
receiving = Receiving
giving = Giving
received = Received
given = Given
wasted = Fetched in vain
# Bytes that were not what the torrent says: they are thrown away, and who sent them is shut out.
wrong = Found wrong
on-disk-name = On disk
availability = Copies around
trouble = “{ $name }” cannot be shown here
trouble-no-picture = Your browser plays the sound, but has no decoder for the picture ({ $codec }).
trouble-no-sound = Your browser shows the picture, but has no decoder for the sound ({ $codec }).
trouble-unsupported = Your browser cannot read this kind of file.
trouble-interrupted = The connection to Kinora broke off. See whether it is still running, then try again.
trouble-outside = mpv and VLC play it: copy the address and open it there. It works on this computer only.
copy-address = Copy the address for mpv or VLC
try-quality = Try { $quality }
go-on-anyway = Go on anyway

## Torrents from outside

add-torrent = Open a torrent
add-hint = Paste a magnet link, or choose a .torrent file. You can also drop either of them anywhere on the page.
add-busy = Asking others what this torrent holds…
add-choose-file = Which file?
add-files-later = Nobody has told us yet what is in it. It waits under Downloads and can be played as soon as we know.
add-nothing-playable = There is no film in this torrent that we can play.
add-not-a-magnet = This is no magnet link. It begins with magnet:?xt=urn:btih: or urn:btmh:.
add-not-a-torrent = This is no .torrent file. Choose one whose name ends in .torrent.
add-too-large = This file is larger than any torrent file we accept (10 MB).
magnet-link = Magnet link
choose-file = Choose a file…
drop-here = Drop it here to watch it

## Library and downloads

library-empty = Your library is empty
library-empty-hint = Titles you mark with the heart, begin or finish gather here.
library-kept = Favourites
library-seen = Seen
downloads-empty = Nothing is being downloaded
downloads-empty-hint = What you watch stays in the cache for a while by itself. To keep a title, choose the arrow beside one of its versions.
download-queued = Waiting
download-fetching = Downloading
download-checking = Checking
download-done = Complete
download-paused = Paused
download-failed = Failed
download-pause = Pause
download-resume = Go on
download-pin = Keep: never make room by deleting it
download-remove = Remove
download-remove-ask = Remove “{ $name }” from the list only, or delete its files too?
download-remove-list = From the list only
download-remove-files = Delete the files
bytes-of = { $done } of { $total }
file-count =
    { $count ->
        [one] { $count } file
       *[other] { $count } files
    }
ratio = ratio { $ratio }

## Sharing: the first page, and the page about the network

welcome-title = A cinema that belongs to its audience
welcome-lead = Kinora fetches films from the people who watch them, with BitTorrent. Before the first one, this is what you should know.
welcome-share = While you watch, you share
welcome-share-text = The parts of a film that reach you are passed on to others who watch it: nothing else on your computer is. That is what keeps the films alive, and fast.
welcome-visible = Your address is visible
welcome-visible-text = Everybody who shares the same film can see your IP address, and which film it is. That is how BitTorrent works; Kinora hides nothing from you about it.
welcome-lawful = What you find here is free to share
welcome-lawful-text = Every title shown by Kinora carries a licence that allows it. For what you open yourself, you answer yourself.
welcome-accept = I understand, let us begin
welcome-refuse = Nothing is sent or fetched before you agree. If you do not, close this page: nothing has happened.
sharing = Sharing
settings-sharing-text = What you give while you watch keeps the films within reach of everybody.
sharing-enabled = Share generously
sharing-enabled-hint = Switched off, only the little is shared that watching needs.
up-limit = Upload at most
up-limit-hint = The video on your line always comes first.
down-limit = Download at most
no-limit = No limit
kib-per-second = { $kib } KiB/s
seed-after = Go on sharing after watching
seed-after-hint = For as long as the film stays in the cache and Kinora runs.
ratio-max = Stop when given this many times
ratio-max-hint = 2 means: everything twice. Empty means: for as long as it is there.
network = Network
network-lost = Kinora does not answer. See whether it is still running.
network-pill = Network: { $peers } peers, { $down } in, { $up } out
network-honest = What others can see
network-visible = Those you exchange a film with see your IP address and which film it is. So does the tracker that introduces you.
network-given = You give others the parts of films you have received. Nothing else leaves your disk.
network-unlimited = Your upload has no limit of its own; the video on your line comes first.
network-limited = Your upload is limited to { $kib } KiB/s.
network-nothing-else = Kinora has no account, no telemetry and no server of its own. This page talks to your computer only.
network-change = Change what is shared
torrents-active = Active torrents
ratio-name = Ratio
port = Port

## Settings

settings-look = Appearance
settings-playing = Watching
language = Language
as-browser = As the browser
theme = Colours
theme-system = As the system
theme-dark = Dark
theme-light = Light
size = Size
size-hint = For this screen only.
size-normal = Normal
size-large = Large
size-tv = Television, seen from the sofa
audio-language = Preferred sound
original-audio = Original
subtitle-language = Preferred subtitles
autoplay = Go on to the next episode
autoplay-hint = By itself, at the end of each; a word beforehand lets you stay.
cache = Disk
cache-text = Films you watch are kept here, so that going on is instant. The ones unused longest make room first.
cache-path = Folder
cache-path-hint = Films fetched from now on go there; Kinora uses it from its next start.
cache-quota = At most
cache-used = { $used } of { $total } GiB used
cache-channels = Followed channels, at most
cache-channels-hint = Their lists, without films, beside the films above. A channel that does not fit is not followed, and one that outgrows it gets no new titles; what is here stays, save what its publisher takes back.
hidden = Hidden titles
hidden-text = They appear nowhere, until you show them again.
hidden-none = No title is hidden.
show-again = Show again

## About

about = About and licences
about-lead = A cinema over BitTorrent, for films that are free to share.
about-licence = Kinora is free software under the Mozilla Public License 2.0.
about-titles = The films
about-titles-text = Each film is under a licence of its own, shown on its page together with the words its authors want to be named with.
about-parts = What this page is made of

## Keys

help = Keys
help-everywhere = Everywhere
help-title = On a title
help-player = In the player
help-move = Move
help-open = Open
help-places = Go to a place
help-back = Back
help-this = This sheet
help-menu = Menu
help-seek-5 = 5 seconds
help-seek-10 = 10 seconds
help-seek-60 = 1 minute
help-seek-600 = 10 minutes
help-tenths = Jump to a tenth
help-episodes = Next or earlier episode
help-frame = One frame
help-speed = Slower, faster
help-subtitles-toggle = Subtitles on or off
help-subtitles-sheet = Choose subtitles
help-subtitles-delay = Earlier, later
help-subtitles-size = Smaller, larger

## Time

duration-minutes = { $minutes } min
duration-hours = { $hours } h
duration-hours-minutes = { $hours } h { $minutes } min

## When something fails

nowhere = There is nothing at this address
nowhere-hint = Perhaps the link is old. Everything we have starts from the first page.
problem-failed = That did not work.
problem-failed-hint = Try again; if it happens again, “kinora doctor” says what is wrong.
problem-unreachable = Kinora does not answer.
problem-unreachable-hint = It may have been closed. Start it again, then try once more.
problem-unauthorized = This page is not allowed in yet.
problem-unauthorized-hint = Open it with the link Kinora prints when it starts: the key is in the link.
problem-not-found = This is not here any more.
problem-not-found-hint = The title may have been withdrawn or hidden. Go back and choose another.
problem-token-missing = This page is not allowed in yet.
problem-token-missing-hint = Open it with the link Kinora prints when it starts: the key is in the link.
problem-token-wrong = This page belongs to an earlier start of Kinora.
problem-token-wrong-hint = Open the link Kinora printed when it was started last.
problem-locked = Too many wrong keys came from this address.
problem-locked-hint = Wait a minute, then open the link Kinora printed.
problem-title-unknown = This title is not here any more.
problem-title-unknown-hint = It may have left the catalogue: go back and choose another.
problem-filtered = A filter that you follow blocks this.
problem-filtered-hint = Show the title all the same on its page, or switch the filter off on the page of channels.
problem-withdrawn = Its publisher has withdrawn this title.
problem-withdrawn-hint = It cannot be fetched any more. Choose another one.
problem-blocked = This title is hidden here.
problem-blocked-hint = Show it again in the settings to watch it.
problem-magnet-bad = Kinora cannot use this magnet link.
problem-magnet-bad-hint = It begins with magnet:?xt=urn:btih: or urn:btmh:. Copy it once more, whole.
problem-torrent-bad = This torrent file is damaged, or breaks the rules.
problem-torrent-bad-hint = Fetch it again from where you found it.
problem-nothing-playable = There is no film or sound in this torrent that Kinora knows.
problem-nothing-playable-hint = It can still be downloaded.
problem-metadata-late = Nobody could say yet what is in this torrent.
problem-metadata-late-hint = The search goes on: try again in a while.
problem-channels-full = Followed channels may take no more of the disk.
problem-channels-full-hint = Raise the limit for channels in the settings, or unfollow one you do not need.
problem-disk-full = The disk is full.
problem-disk-full-hint = Free some space, or choose a lower limit in the settings.
problem-disk-denied = Kinora may not write into its folder.
problem-disk-denied-hint = Check who may write there, or choose another folder in the settings.
problem-disk-broken = The disk did not take or give bytes.
problem-disk-broken-hint = Check the disk. Nothing that was confirmed is lost.
problem-shutting-down = Kinora is stopping.
problem-shutting-down-hint = Start it again, then try once more.

## Channels

nav-channels = Channels
channels-lead = A channel is a catalogue that its publisher signs. It has no server: everybody who follows it keeps it alive.
channels-empty = You follow no channel yet
channels-empty-hint = Paste the address of one above, or drop it anywhere on this page. It begins with “kinora:”.
channel-address = Address of a channel
channel-address-hint = It begins with kinora: and comes from the channel’s publisher, or from somebody who follows it.
channel-look = Look at it
channels-own = Your own channels
channels-own-text = You have their keys. What you publish stays under your name for ever.
channels-followed = Channels you follow
channels-blocked = Blocked channels
channels-blocked-text = They cannot be followed here until you unblock them.
channel-unblock = Unblock
channel-unnamed = Channel without a name yet
channel-by = by { $publisher }
channel-version = Version { $version }
channel-seen = confirmed { $ago }
channel-issued = signed { $ago }
channel-contact = Contact
channel-key = Address
channel-share = Share
channel-refresh = Look for news
channel-refreshing = Looking for news…
channel-unfollow = Unfollow
channel-unfollow-ask = “{ $name }” leaves your library with all its titles, and you no longer help to keep it alive. What you watched is remembered, should it come back.
channel-forgive = Take updates again
channel-forgive-ask = Do this only if the publisher of “{ $name }” has told you by another way what happened: a letter, a call, their own web page. If the key was stolen, what comes next may be the thief’s. Nothing older than what is here is taken for new, and should two versions be signed again, updates stand still again.
channel-forgiven = Updates of “{ $name }” are taken again.
channel-block = Block
channel-block-ask = “{ $name }” leaves your library and cannot be followed here any more, by anybody, until you unblock it.
channel-unfollowed = “{ $name }” is not followed any more.
channel-blocked = “{ $name }” is blocked.
channel-take-off = Take off the list
channel-no-titles = This channel has no titles yet
channel-no-titles-hint = When its publisher adds some, they appear here by themselves.
channel-no-titles-own-hint = Publish a first film: it appears here, and with everybody who follows the channel.
channel-about = About this channel
channel-followed-new-address = Look at the new address
channel-see-blocked = See the blocked channels
browse-channel = From one channel only
published-by = Published by
share-title = Share this channel
share-text = Whoever opens this address in Kinora sees the same channel. The address is its key: nobody can put another channel in its place.
share-film =
    { $kind ->
        [series] Share this series
       *[other] Share this film
    }
share-film-text = Whoever opens this address in Kinora comes to this film, once they follow its channel. Nobody can put another film in its place.
share-copy = Copy the address
share-magnet = Copy as a magnet link
share-qr = The address as a QR code
share-here = Name this computer as well
share-here-hint = Whoever opens the address asks this computer first, and need not wait for the network to find it. It tells them your internet address, { $address }.
share-copied = Copied. Send it to whomever you like.

find-channels = Find channels
find-channels-text = The channels you follow vouch for these. Nothing is followed before you say so.
find-named-by = Named by
find-look = Look at { $name }
domain-vouched = Vouched for by { $domain }, asked { $ago }
domain-claimed = It says that it belongs to { $domain }.
domain-ask = Ask { $domain }
domain-asking = Asking…
domain-vouched-short = vouched for by { $domain }

## Following a channel

follow = Follow
follow-title = Follow this channel?
follow-lead = You are about to follow the channel with this address. Compare it with the one you were given.
follow-what = What following means
follow-fetch = Kinora looks for the channel in the network of BitTorrent’s peers (the DHT) and fetches its catalogue. No film is fetched before you play it.
follow-share = You keep the catalogue and give it to others, day and night while Kinora runs. That is what keeps it alive.
follow-visible = Others who have the channel, and some nodes of the DHT, see your IP address and that you ask for it.
follow-trust = Its titles are what its publisher says. Kinora checks their signature and that each names an open licence, nothing more.
follow-peers =
    { $count ->
        [one] The address names one peer, which is asked first: { $peers }
       *[other] The address names { $count } peers, which are asked first: { $peers }
    }
follow-film-missing = The film that you were sent is not in this channel: its publisher may have taken it back.
follow-film = The film that you were sent opens as soon as the channel is here.
follow-not-now = Not now
follow-bad = This is no channel’s address
follow-already = You follow this channel already.
follow-own = This channel is your own.
follow-blocked = This channel is blocked here.
follow-open = Open the channel
follow-stop = Stop looking
following = Following
step-searching = Looking for the channel…
step-found = Found. Asking who has its files…
step-fetching = Fetching its catalogue…
step-importing = Taking its titles into your library…
step-searching-hint = This may take some minutes when few people are online. You can go elsewhere meanwhile.

## How a channel is

channel-state-following = On its way
channel-state-failed = Not found
channel-state-empty = Nothing published yet
channel-state-fresh = Up to date
channel-state-frozen = Silent
channel-state-refused = Newest version refused
channel-state-no-room = No room for news
channel-state-two-versions = Two versions seen
channel-state-damaged = Damaged
channel-state-handed-over = Moved
channel-said-frozen = Nothing was heard of its publisher for longer than they promised.
channel-said-frozen-hint = What is here stays and plays. If it lasts, ask the publisher whether the channel goes on.
channel-said-refused = The newest version of this channel is not what its publisher signed. It was refused.
channel-said-refused-hint = What is here stays and plays. Tell the publisher; the next version is taken as soon as it is there.
channel-said-no-room = Followed channels may take no more of the disk, so the newest version of this one was not fetched.
channel-said-no-room-hint = What is here stays and plays, and what its publisher takes back or says of its keys holds here too. Raise the limit for channels in the settings, or unfollow one you do not need.
channel-said-two-versions = Its publisher’s key signed two different versions: it may be stolen. No update is taken until that is explained.
channel-said-two-versions-hint = What is here stays. Ask the publisher by another way, and do not unfollow the channel: whoever follows anew cannot tell an old version from a new one. Updates go on when the publisher replaces the key, or when you say so.
channel-said-damaged = What was known of this channel is damaged on your disk. Updates are refused: an old version could pass as new.
channel-said-damaged-hint = Unfollow it and follow it again.
channel-said-handed-over = Its publisher has moved the channel to another address.
channel-said-handed-over-hint = You follow it there by itself, as soon as somebody who has it is found. What you marked goes with it.
channel-said-handed-over-blocked = Its publisher has moved the channel to an address that is blocked here.
channel-said-handed-over-blocked-hint = You do not follow it there, and nothing new comes to this one. What is here stays and plays. To follow it, unblock the new address under Channels.
channel-said-handed-over-own = You have moved this channel to another address.
channel-said-handed-over-own-hint = Publish in the new one. This one is still shared, so that its followers hear of it: they move by themselves.
channel-moved = This channel has a new address.
channel-moved-text = Its publisher moved it { $ago }, to the key that was promised from the beginning. You follow it here now, and what you marked came along.
channel-before = Address before
channel-refused = Somebody wanted to move this channel. That was refused.
channel-refused-text = They have the publisher’s key, but named another one to follow than was promised from the beginning: the key may be stolen. Ask the publisher by another way.
channel-resembles = Another channel that is here is called nearly the same.
channel-resembles-text = They are two: whoever has one may have nothing to do with the other. Compare the addresses before you trust this one. The other is
find-resembles = It is called nearly the same as another channel that is here, and is not that one:
problem-channel-unknown = Nobody who is online knows this channel.
problem-channel-unknown-hint = Check the address. If it is right, try again when its publisher or a follower is online.
problem-channel-unreachable = The channel exists, but nobody who has its files was found.
problem-channel-unreachable-hint = Try again when its publisher or a follower is online.
problem-channel-unreachable-site = The site exists, but nobody who has its files was found.
problem-channel-unreachable-site-hint = Try again when its publisher or another visitor is online.
problem-dht-unreachable = The network that channels and sites are found through does not answer.
problem-dht-unreachable-hint = Check this computer’s connection, then try again.
problem-dht-off = Channels and sites are found through the DHT, which is switched off.
problem-dht-off-hint = Start Kinora without --no-dht.
problem-channel-bad = What came is not what the channel’s publisher signed.
problem-channel-bad-hint = It was thrown away. Tell the publisher if it happens again.
problem-channel-other-kind = What is published under this address is neither a catalogue of titles nor a filter.
problem-channel-other-kind-hint = Kinora cannot follow it. If it is a site, open it as one.
problem-channel-damaged = What is kept of this channel is damaged.
problem-channel-damaged-hint = Unfollow it and follow it again. Bring a channel of your own back from a backup.
problem-channel-blocked = This channel is blocked here.
problem-channel-blocked-hint = Unblock it under Channels to follow it.
problem-not-followed = This channel is not here.
problem-not-followed-hint = Follow it with its address first.
problem-no-domain = This channel claims no domain.
problem-no-domain-hint = Ask its publisher, by another way, whether it is theirs.
problem-domain-silent = The domain does not vouch for this channel.
problem-domain-silent-hint = Ask its publisher by another way. The channel itself is the same as before.
problem-domain-other = The domain vouches for another channel, not for this one.
problem-domain-other-hint = Ask its publisher by another way: this may not be their channel.
problem-names-unreachable = The domain cannot be asked.
problem-names-unreachable-hint = Try again when the connection is there. Behind a proxy, name a name server in the settings file (network.dns).
problem-bad-address = This is no channel’s address.
problem-bad-address-hint = Copy the whole address again. It is kinora: and 52 letters.

## Publishing

new-channel = Make a channel
new-channel-lead = A channel of your own needs no account and no server: its key is made on this computer, and its address is that key. Whoever follows it keeps it alive.
new-name = Name of the channel
new-about = What it is about (if you like)
new-contact = Contact for questions of rights
new-contact-hint = An e-mail address or an https: address. Everybody who follows the channel sees it.
new-passphrase = Passphrase (if you like)
new-passphrase-hint = It locks the channel’s secret on this disk. It is needed to replace the key, not to publish.
new-passphrase-again = The passphrase once more
new-passphrase-differs = The two passphrases differ. Type them again.
new-make = Make the channel
words-title = Write these 24 words on paper
words-why = They are the only way to get the channel back if this computer is lost, and whoever has them owns it. They are shown this once.
words-written = I have written them down
words-check = A few of the words
words-which = Word number { $number }
words-wrong = That is not what is on the list. Look at your paper again.
words-done = Go on
words-show = Show the words again

## A channel brought back from its words

restore = Bring a channel back
restore-link = Bring a channel back
restore-instead = Have you got 24 words on paper? Bring your channel back.
restore-lead = If the computer with your channel’s keys is lost, the 24 words on your paper make them again. Its titles come from whoever still has the channel.
restore-words = The 24 words
restore-words-hint = Type them one by one, or paste all of them. Kinora compares them and gives them to nobody.
restore-count = { $count } of { $total } words are right
restore-unlisted = Word { $number } is not on the list of words. Look at its spelling.
restore-unlisted-meant = Word { $number } is not on the list of words. Is it “{ $near }”?
restore-missing = Some words are missing, or are not on the list.
restore-fits = These words belong together. They are those of the channel with this address:
restore-own = These are the words of a channel that is on this computer already. Nothing needs to be done.
restore-more = It has moved to another address since, or I know who has it
restore-address = Address of the channel
restore-address-hint = Only if it was moved after you wrote the words down, or if the address names somebody who has it.
restore-do = Bring it back
restore-looking = Its newest version is being looked for. Your keys are made again once it is here; until then nothing on this computer changes.
restore-stop = Stop
restore-done = “{ $name }” is yours again.
restore-done-text = Version { $version } is here, with all its titles. You can publish from this computer now; do so from one computer only.
restore-not-newest = The network could not be asked, so what was here already was taken. If another computer has published since, what you publish here will be refused.
restore-unlocked = Its secret lies on this disk without a passphrase. You can lock it on the channel’s page.
problem-bad-words = These are not the 24 words of a channel.
problem-bad-words-hint = Compare them with the paper, one by one.
problem-words-mixed = Each of these words exists, but together they are not those of a channel.
problem-words-mixed-hint = One of them is another word, or two changed places. Compare them with the paper, one by one.
problem-other-words = These are the words of another channel than this address says.
problem-other-words-hint = Leave the address out, or take the paper of this channel.
problem-already-here = This channel is on this computer already, with its keys.
problem-already-here-hint = Publish from here: nothing needs to be brought back.
problem-handed-over = You have moved this channel to another address already.
problem-handed-over-hint = Publish in the new one; it is among your own channels.
problem-not-newest = Followers know a newer version than this computer does.
problem-not-newest-hint = Another computer has published since, or the clock here is wrong. Publish from the one that has the newest version.
problem-passphrase = That is not the passphrase of this secret.
problem-passphrase-hint = It is the one that was chosen when it was made or locked last. Without it, the 24 words on paper bring everything back on another computer.
problem-domain-bad = This is no domain.
problem-domain-bad-hint = Write it as example.org, without https:// and without a path.

## The keys of one's own channel

keys = Its keys
keys-text = Two keys sign for this channel. One signs each version and lies on this computer, so that publishing asks for nothing. The other is the channel itself: its address. It is in the secret that the 24 words stand for.
keys-locked = The secret is locked with a passphrase.
keys-open = The secret lies on this disk without a passphrase: whoever can read this disk owns the channel.
keys-unpublished = Something was changed that your followers do not know of yet. Publish to tell them.
keys-publish = Publish now
keys-publishing = Signing, and telling the network…
keys-published =
    { $count ->
        [one] Version { $version } is published: one node of the network knows of it, and tells your followers.
       *[other] Version { $version } is published: { $count } nodes of the network know of it, and tell your followers.
    }
keys-published-nowhere = Version { $version } is signed, but the network was not reached. Kinora tells it by itself as soon as it can.
key-passphrase = Passphrase of the secret
key-passphrase-old = The passphrase until now
key-passphrase-new = The new passphrase
key-passphrase-new-hint = Left empty, the secret lies open on this disk.
key-busy = One moment…
key-replace = Replace the signing key
key-replace-why = Do this if somebody else may have had this computer or a copy of its disk. The key that signs versions is replaced by a new one, and the old one loses its say: whatever a thief signs with it is refused.
key-replace-see = Followers notice nothing: the address, the titles and the 24 words stay the same.
key-replace-after = It holds once it is published, so a new version goes out at once.
key-replace-go = Replace and publish
key-replace-open = Your secret lies on this disk without a passphrase. Whoever had the disk has the secret, too, and then a new signing key does not keep them out.
key-hand-over = Move to a new address
key-hand-over-why = The channel goes on under its next key, which followers were promised from the beginning: whoever has only the key of today cannot name another one. Do this if that key may be known to somebody. It does not help if somebody has seen the 24 words, or has read the secret while it was not locked: all keys come from it. Then make a new channel, and tell your followers by another way.
key-hand-over-see = The address changes. Followers see a notice that you moved the channel, and move by themselves with all that they marked. Links to the old address lead to the new one as long as somebody keeps it. The 24 words stay the same.
key-hand-over-after = This cannot be taken back. Leave Kinora running for some days, so that followers hear of it.
key-hand-over-sure = I want this channel to have a new address.
key-hand-over-go = Move it and publish
key-handed-over =
    { $count ->
        [one] The channel is published at its new address: one node of the network knows of it.
       *[other] The channel is published at its new address: { $count } nodes of the network know of it.
    }
key-handed-over-nowhere = The channel has its new address. The network was not reached; Kinora tells it by itself as soon as it can.
key-lock = Change the passphrase
key-lock-first = Set a passphrase
key-lock-first-go = Lock it
key-lock-why = The passphrase locks the secret on this disk alone. It is needed to replace keys, not to publish, and nobody can tell you what it was.
key-lock-go = Change it
keys-away = The secret is on paper alone: it was taken off this computer. Publishing goes on; what needs the secret asks for its 24 words.
key-words = The 24 words on your paper
key-words-hint = With spaces between them, in their order.
key-remove = Take the secret off this computer
key-remove-why = Whoever reads this disk then finds the key that signs versions, which can be replaced, and not the secret that all keys come from.
key-remove-see = Publishing goes on as before. To replace the signing key, to move to a new address or to put the secret back, the 24 words are needed each time.
key-remove-copies = Without the paper nothing of this can be done any more, by nobody. Type the words as they are on it. Copies of this disk that were made before still have the secret.
key-remove-go = Take it off
key-put-back = Put the secret back
key-put-back-why = The secret lies on this disk again, locked with the passphrase that you give it, and the words are not asked for any more.
key-put-back-go = Put it back

## The domain that vouches for one's own channel

claim = A domain that vouches for it
claim-text = If you have a domain, it can say that this channel is yours: you give it a record that names the channel’s key. Whoever follows the channel can ask the domain and sees its name.
claim-domain = Your domain
claim-domain-hint = Such as example.org. Nobody is asked before you say so.
claim-set = Claim it
claim-record = Give { $domain } this record, where you manage its names (DNS):
claim-record-name = Name
claim-record-type = Type
claim-record-text = Text
claim-copy-name = Copy the name
claim-copy-text = Copy the text
claim-copied = Copied.
claim-ask-hint = It may take an hour until a new record can be seen. Asking shows a name server your domain, and your IP address unless a proxy is set.
claim-none = Claim no domain

## The channels that one's own vouches for

vouch = Channels that you vouch for
vouch-text = Your followers see these channels under “Find channels”, with your channel’s name beside them. Nobody follows one of them before they say so. Name channels that you know.
vouch-address = Address of another channel
vouch-address-hint = It begins with kinora: and is not asked for.
vouch-name = What it is called
vouch-name-hint = Left empty, what it calls itself, if you follow it.
vouch-nameless = You do not follow this channel, so its name is not known here. Say what it is called.
vouch-itself = This is the channel itself.
vouch-add = Vouch for it
vouch-no-more = Vouch for { $name } no longer

## Web servers that have a copy of one's own channel

mirrors = Copies on the web
mirrors-text = Any web server or object store that serves plain files can hold a copy of the channel: then it is found, followed and played even while nobody else is online. Your followers’ Kinora asks it when other people do not give enough. Whoever runs the server sees the addresses of those who watch, as every peer does.
mirrors-how = This command writes what to upload, and again after every new version:
mirror-url = Address of the folder on the web
mirror-url-hint = It begins with https:// and holds what the command wrote. It is not asked for now.
mirror-add = Name it to followers
mirror-remove = Name { $url } no longer
mirror-waits = Followers hear of it with the next version.
mirrors-full = These are as many as a channel can name.
problem-mirror-bad = This cannot be a copy of the channel on the web.
problem-mirror-bad-hint = Give the address of a folder, as https://example.org/films/. Without encryption (http) or with a question mark it cannot be used, and four are the most.
site-mirrors-text = Any web server or object store that serves plain files can hold a copy of the site: then it opens even while nobody else is online. Whoever runs the server sees the addresses of those who ask it, as every peer does.
site-mirror-add = Name it to visitors
site-mirror-waits = Visitors hear of it with the next version.
site-mirrors-full = These are as many as a site can name.
site-mirrors-unpublished = Visitors do not know of what you changed here yet. Publish the site again to tell them.
problem-mirror-bad-site = This cannot be a copy of the site on the web.
problem-mirror-unknown-site = The site does not name this address any more.
problem-mirror-unknown = The channel does not name this address any more.
problem-mirror-unknown-hint = Somebody has taken it off already.

## Publishing a film

film-publish = Publish a film
film-into = Into your channel
film-step-file = 1. The film
film-step-qualities = 2. Qualities and subtitles
film-step-poster = 3. The poster
film-step-about = 4. What it is, and why it may be shared
film-step-preview = 5. As a viewer will see it
film-source-hint = The best file of the film that you have. Kinora makes of it what viewers can play.
film-file = A film from this device
film-path = Or the path of a film on Kinora’s disk
film-path-hint = The whole path, as /films/harbour.mp4. It is linked, not copied, where the disk allows it.
film-take = Take this film
film-go-on = Go on with { $name }
film-sending = Taking the film in…
film-stop = Stop
film-remove = Take another film
film-not-in-browsers = Not every browser plays this film. Viewers then need mpv or VLC.
convert-how = How the film goes out
convert-again = Make other qualities instead
convert-made = In qualities that ffmpeg makes
convert-made-hint = H.264 and AAC in MP4: every browser and television plays them, and they start at once.
convert-at-most = at most { $size }
convert-copied = fits as it is, takes seconds
convert-level = As loud as other films
convert-level-hint = Measured and levelled to EBU R 128, −23 LUFS.
convert-as-it-is = As it is
convert-not-as-it-is = Films of this kind have to be converted.
convert-beside = Goes with it:
convert-previews = small pictures for the time line
convert-chapters =
    { $count ->
        [one] { $count } chapter
       *[other] { $count } chapters
    }
convert-texts =
    { $count ->
        [one] { $count } subtitle from inside the film
       *[other] { $count } subtitles from inside the film
    }
convert-picture-texts =
    { $count ->
        [one] One subtitle inside the film is made of pictures. It cannot be converted: add it as a file.
       *[other] { $count } subtitles inside the film are made of pictures. They cannot be converted: add them as files.
    }
convert-begin = Make them
convert-prepare = Prepare it
convert-looking = Looking at the film…
convert-done = It is made.
convert-step-waiting = Another film is made first…
convert-step-measuring = Measuring how loud it is…
convert-step-encoding = Making { $quality }…
convert-step-previews = Making small pictures for the time line…
convert-step-texts = Taking out subtitles…
convert-left = about { $time } left
convert-goes-on = You can fill in the rest meanwhile, or close this page. If Kinora is stopped, it goes on with the next start, and qualities that are finished are kept.
convert-kept = Kinora was stopped while this film was being made. What was finished was checked and kept: { $qualities }.
convert-hdr-mapped = This film is in HDR. In these qualities its brightness is mapped to the usual range, so that it looks right on every screen.
convert-hdr-pale = This film is in HDR, and the ffmpeg on Kinora’s computer cannot map that: these qualities will look pale. Install an ffmpeg with zscale (the zimg library), or publish the film as it is.
film-not-ready = The qualities are not made yet.
subtitles-given = Subtitles
subtitles-unknown = Language not known
subtitles-remove = Take out: { $name }
subtitles-remove-short = Take out
subtitles-file = A subtitle file
subtitles-file-hint = SRT, WebVTT, ASS or MicroDVD, of at most 10 MB.
subtitles-language = Its language
subtitles-language-hint = As en, pt-BR or zh-Hant; not needed if the file is called like film.fr.srt.
subtitles-add = Add the subtitle
poster-looking = Looking for pictures in the film…
poster-frames = Pictures from the film
poster-frame = Picture { $number }
poster-file = Or a picture of your own
poster-file-hint = JPEG, PNG or WebP, upright if you can.
poster-now = The poster as it is now
about-name = Title
about-kind = Kind
about-year = Year
about-genres = Genres
about-genres-hint = With commas between them: drama, silent
about-synopsis = What it is about
licence-legend = Licence
licence-why = Kinora shows and shares only what everybody may share. Followers’ programs drop a title that does not say so.
licence-choose = Choose…
licence-attribution-hint = The line that must be named with it, as the licence asks: © 2021 Somebody
licence-source-hint = An https: address where anybody can check the licence.
licence-agree = I may share this film under this licence
film-preview = Look at it
film-preview-text = Nothing has been published yet.
film-publish-means = Publishing signs the title with your channel’s key, tells the network of it and shares the film from this computer. It can be withdrawn later, but not undone: copies may stay with others.
film-publish-now = Sign and publish
film-there = Your channel has this film already
film-there-episode = (as an episode)
film-there-waiting = (not published yet)
film-there-text = Change the title that is there, and whoever has watched or saved it keeps that; what you did not fill in stays as it is. Or add one more title, as for a second cut.
film-there-series = A film cannot take the place of a series. Import the series again to change it, or add the film as one more title.
film-there-update = Change “{ $name }”
film-there-again = Add one more title
film-hashing = Making the torrent…
film-publishing = Signing and telling the network…
film-done = It is published
film-done-text = Whoever follows your channel sees it within minutes. This computer shares the film while Kinora runs.
film-safe = You may close Kinora: others have all of it.
film-not-safe = Please leave Kinora running.
film-copies =
    { $count ->
        [0] Nobody else was seen with all of the film yet; two others should have it.
        [one] One other was seen with all of the film; two should have it.
       *[other] { $count } others were seen with all of the film.
    }
film-another = Publish another
problem-master-bad = This is no film that Kinora can publish.
problem-master-bad-hint = Choose a film with a picture: MP4, WebM or Matroska, and with ffmpeg installed most others.
problem-master-damaged = This film is damaged: it ends earlier than it says.
problem-master-damaged-hint = Copy it again from where it came, or export it anew.
problem-master-unconverted = This film cannot be published as it is.
problem-master-unconverted-hint = Choose qualities for ffmpeg to make.
problem-master-busy = Something is being done with this film.
problem-master-busy-hint = Wait until that is done, or stop it.
problem-conversion-failed = ffmpeg could not convert this film.
problem-quality-unknown = The film cannot be made in this quality.
problem-quality-unknown-hint = Choose one of those that are offered: none is larger than the film.
problem-language-bad = This is no language.
problem-language-bad-hint = Name it as en, pt-BR or zh-Hant.
problem-file-unreadable = Kinora cannot read this file.
problem-file-unreadable-hint = Give the whole path of a file that Kinora may read.
problem-ffmpeg-missing = ffmpeg is not installed: the film cannot be converted, and no pictures taken out of it.
problem-ffmpeg-missing-hint = Install it on Kinora’s computer (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg) and reload this page; or publish the film as it is, with a picture of your own.
problem-frame-failed = No picture could be taken out of this film.
problem-frame-failed-hint = Choose a picture of your own.
problem-image-bad = This is no picture that Kinora shows.
problem-image-bad-hint = Choose a JPEG, PNG or WebP file of at most 10 MB.
problem-not-ours = This computer does not have its keys.
problem-not-ours-hint = Publish from the computer that has them. If that is lost, the 24 words on paper bring it back here.

nav-sites = Sites
sites-lead = A site is a folder of pages that its publisher signs. It has no server: everybody who opens it keeps it alive.
sites-apart = A site opens in a tab of its own and cannot see what you do in Kinora. Its pages reach nobody but the site itself, and scripts wait until you agree. Once you agree, no browser can keep a script from telling others your address: say yes only to publishers you trust.
site-address = Address of a site
site-address-hint = It begins with kinora: and comes from the site’s publisher, or from somebody who visits it.
site-look = Look for it
site-looking = Looking for the site. This can take a minute.
site-stop = Stop looking
sites-here = Sites on this computer
sites-here-text = They are given to others while Kinora runs. Sites of others take at most a tenth of the space you set aside.
sites-empty = No site has been here yet
sites-empty-hint = Paste the address of one above, or make one of your own.
site-files = { $count ->
    [one] One file
   *[other] { $count } files
}
site-own = Yours
site-scripts = With scripts
site-open = Open
site-open-tab = Open in a new tab
site-forget = Forget
new-site = Make a site
new-site-lead = A site of your own needs no account and no server: its key is made on this computer, and its address is that key. Whoever opens it keeps it alive.
new-site-name = Name of the site
new-site-contact-hint = An e-mail address or an https: address. Everybody who opens the site sees it.
new-site-passphrase-hint = It locks the site’s secret on this disk. It is needed to replace the key, not to publish.
new-site-make = Make the site
site-words-why = They are the only way to get the site back if this computer is lost, and whoever has them owns it. Keep them apart from this computer. They are shown this once.
site-restore = Bring a site back
site-restore-instead = Have you got 24 words on paper? Bring your site back.
site-restore-lead = If the computer with your site’s keys is lost, the 24 words on your paper make them again. Its pages come from whoever still has the site.
site-restore-fits = These words belong together. They are those of the site with this address:
site-restore-own = These are the words of a site that is on this computer already. Nothing needs to be done.
site-restore-more = I know who has it
site-restore-address-hint = Only if the address names somebody who has it.
site-restore-done = Version { $version } is here, with all its pages. You can publish from this computer now; do so from one computer only.
site-restore-unlocked = Its secret lies on this disk without a passphrase. You can give it one on the site’s page.
sites-unpublished = Yours, not published yet
site-unpublished = Not published yet: nobody can open it.
site-publish-link = Publish
site-publish = Publish from a folder
site-publish-text = What is in the folder is signed and given to others; the version before makes way for it. At most 5,000 files and 50 MiB. Files whose names start with a dot stay at home.
site-kind = What is in the folder?
site-kind-text = Texts
site-kind-text-hint = Markdown (.md) and pictures. It begins with index.md. Kinora draws the pages, on every screen: nothing in them can act, and nobody has to write HTML.
site-kind-pages = Pages
site-kind-pages-hint = HTML, CSS, pictures, fonts, sounds and films. It begins with index.html.
site-palette = Colours
site-palette-paper = Paper
site-palette-sea = Sea
site-palette-forest = Forest
site-palette-plum = Plum
site-palette-ember = Ember
site-typeface = Letters
site-typeface-sans = Without serifs
site-typeface-serif = With serifs
site-typeface-mono = All of one width
site-language = Language of the texts
site-language-hint = A short code, as en, fr or pt-BR.
site-folder = Folder on Kinora’s disk
site-folder-hint = The whole path, as /sites/festival.
site-with-scripts = Pages with scripts of their own
site-with-scripts-hint = The same, and JavaScript. Visitors are asked whether they agree, and again after every change. Until then they see the pages without them.
site-sign = Sign and publish
site-publish-again = Publish again
site-reading = The folder is being read.
site-writing = The pages are being made ready for others.
site-telling = The site is signed. The network is being told.
site-stopped = Stopped. What visitors have is as it was.
site-published =
    { $count ->
        [one] Version { $version } is out: one node of the network knows of it. Leave Kinora running until somebody has visited it.
       *[other] Version { $version } is out: { $count } nodes of the network know of it. Leave Kinora running until somebody has visited it.
    }
site-published-nowhere = Version { $version } is signed, but the network was not reached. Kinora tells it by itself as soon as it can.
site-refused = Change what is named here, then publish again.
site-refused-files = What hinders it
site-refused-path = the name has other letters than a to z, digits and . _ - ~, or it is too long. Rename it.
site-refused-kind = a site has no files of this kind. Take it out of the folder.
site-refused-link = it is a link. Put the file itself there.
site-refused-special = it is no ordinary file. Take it out of the folder.
site-refused-script = it is a script. Say above that the pages have scripts, or take it out of the folder.
site-refused-large-page = a page has at most 4 MiB. Divide it.
site-refused-large-text = a text has at most 512 KiB. Divide it.
site-refused-no-text = a site of texts has Markdown and pictures alone. Take it out of the folder, or publish pages.
site-refused-no-first-text = The folder has no index.md. Every site of texts begins with one.
site-refused-no-entry = The folder has no index.html. Every site begins with one.
site-refused-too-many = The folder has more than 5,000 files. Take some out of it.
site-refused-too-large = The files are larger than 50 MiB together. Take some out of the folder, or make them smaller.
site-refused-clash = some systems cannot keep it beside another file of the folder. Rename one of them.
site-refused-unreadable = it is not there, or cannot be read. Check the path and its permissions.
site-address-own = Address
site-address-text = It stays the same until you move the site. Whoever opens it in Kinora sees it.
site-keys-text = Two keys sign for this site. One signs each version and lies on this computer, so that publishing asks for nothing. The other is the site itself: its address. It is in the secret that the 24 words stand for.
site-keys-open = The secret lies on this disk without a passphrase: whoever can read this disk owns the site.
site-key-unpublished = The signing key was replaced. Publish the site again, so that the new one holds.
site-key-replace-see = Visitors notice nothing: the address, the pages and the 24 words stay the same.
site-key-replace-after = It holds once the site is published again. Do that right afterwards.
site-hand-over-why = The site goes on under its next key, which visitors were promised from the beginning: whoever has only the key of today cannot name another one. Do this if that key may be known to somebody. It does not help if somebody has seen the 24 words, or has read the secret while it was not locked.
site-hand-over-see = The address changes. Whoever opens the old one sees the last version there, and is asked whether to go to the new one, as long as somebody keeps the old one. The 24 words stay the same.
site-hand-over-sure = I want this site to have a new address.
site-hand-over-go = Move it
site-moved = Its publisher has moved this site to another address:
site-moved-open = Open the new address
site-stay = Stay with this one
site-goes-along = Whenever it is asked for, the new address is opened.
site-stays = It is opened as it was, and nobody is asked.
site-ask-again = Ask me again
site-two-versions-hint = What is here can be read. If you know what happened, you can take updates again.
site-moved-own = You have moved this site to another address.
site-moved-own-hint = Publish there. This one is still shared, so that its visitors hear of it.
site-share = Share this site
site-share-text = Whoever opens this address in Kinora sees the same site. The address is its key: nobody can put another site in its place.
problem-site-unfit = This folder cannot be a site.
problem-site-unknown = Nobody who is online has this site.
problem-site-unknown-hint = Check the address. If it is right, try again when its publisher or a visitor is online.
problem-sites-busy = Another command of Kinora uses the sites just now.
problem-sites-busy-hint = Wait until it has ended, then try again.
problem-site-ours = This site is yours: its keys are on this computer.
problem-site-ours-hint = It stays here as long as its keys do.
problem-site-moved = Its publisher has moved this site to another address.
problem-site-moved-hint = Open that one.
problem-secret-away = The secret was taken off this computer.
problem-secret-away-hint = Give its 24 words.
problem-site-bad = What is published under this address is no site that can be shown.
problem-site-bad-hint = If it is a channel, follow it under Channels. Else tell its publisher.

## Filters

channels-filters = Filters
channels-filters-text = Lists of what somebody asks you to leave out. You choose which of them hold.
filter-here = What this filter does here
filter-text = It names titles, channels and torrents by hashes alone. What you choose yourself is always stronger.
filter-unpublished = Nothing of it is published yet
filter-entries =
    { $count ->
        [one] { $count } entry
       *[other] { $count } entries
    }
filter-hides =
    { $count ->
        [0] Hides none of your titles
        [one] Hides { $count } of your titles
       *[other] Hides { $count } of your titles
    }
filter-would-hide =
    { $count ->
        [0] Switched off; it would hide none of your titles
       *[other] Switched off; it would hide { $count } of your titles
    }
filter-warns = It says something of { $count } of your titles on their pages.
filter-apply = Apply this filter
filter-apply-hint = Switched off, it is kept up to date and alive for others, and changes nothing here.
filter-unfollow-ask = Everything that “{ $name }” hides is shown again.
filter-see = See this filter
filter-reason-licence = Given reason: the licence was changed or revoked.
filter-reason-rights = Given reason: somebody else has rights in it.
filter-reason-wrong-file = Given reason: it is the wrong file.
filter-reason-malware = Given reason: it does harm to the machine that opens it.
filter-reason-privacy = Given reason: it shows what a person wants private.
filter-reason-superseded = Given reason: a newer title takes its place.
filtered-hide = The filter “{ $name }” hides this title.
filtered-warn = The filter “{ $name }” warns of this title.
filtered-no-seed = The filter “{ $name }” asks not to share this title: it rests as soon as it is here.
filtered-block = The filter “{ $name }” blocks this title: it is hidden, not fetched and not shared.
filtered-show = Show it all the same
filtered-shown = You show this title whatever filters say.
filtered-as-they-say = Do as filters say
new-filter = Make a filter
new-filter-lead = A filter is a signed list of what others should leave out: titles, torrents, channels. It holds for nobody who does not follow it. Its key is made on this computer, and its address is that key.
new-filter-name = Name of the filter
new-filter-about = What it leaves out, and why (if you like)
new-filter-contact-hint = An e-mail address or an https: address, for whoever thinks that something is on the list by mistake. Everybody who follows the filter sees it.
new-filter-passphrase-hint = It locks the filter’s secret on this disk. It is needed to replace the key, not to publish.
new-filter-make = Make the filter
restore-filter-instead = Have you got 24 words on paper? Bring your filter back.
filter-words-why = They are the only way to get the filter back if this computer is lost, and whoever has them owns it. They are shown this once.
entries = What it asks to leave out
entries-text = What is published are hashes: nobody can read from the list what is on it, they can only ask it about what they know. What an entry is about is kept on this computer alone.
entries-find = Find an entry
entries-found =
    { $count ->
        [0] No entry has these words
        [one] { $count } entry has these words
       *[other] { $count } entries have these words
    }
entries-more = Show more
entry-unknown = Something that was entered on another computer
entry-state-new = comes with the next version
entry-state-changed = changes with the next version
entry-state-removed = goes with the next version
entry-take-off = Take { $name } off
entry-keep = Keep { $name }
entry-form = Add an entry
entry-what = What it is about
entry-about-title = A title of your library
entry-about-torrent = A torrent
entry-about-channel = A channel
entry-find = Name of the title
entry-find-hint = It is looked for in your library, and nobody is asked.
entry-chosen = Chosen:
entry-other = Choose another one
entry-torrents = Its torrents as well
entry-torrents-hint = Then it is meant in every channel that has one of them, and not in this channel alone.
entry-hash = Infohash or magnet link
entry-hash-hint = 40 or 64 digits. The torrent is not fetched.
entry-address = Address of the channel
entry-address-hint = All of its titles are meant. It begins with kinora: and is not asked for.
entry-action = What is asked for
entry-does-hide = Hide
entry-does-warn = Warn
entry-does-no-seed = Do not share
entry-does-block = Block
entry-means-hide = Lists and searches leave it out.
entry-means-warn = Its page says so.
entry-means-no-seed = It can be watched, and is not given to others.
entry-means-block = It is hidden, not fetched and not shared.
entry-reason = Reason
entry-reason-none = None is given
entry-reason-licence = the licence was changed or revoked
entry-reason-rights = somebody else has rights in it
entry-reason-wrong-file = it is the wrong file
entry-reason-malware = it does harm to the machine that opens it
entry-reason-privacy = it shows what a person wants private
entry-reason-superseded = a newer title takes its place
entry-note = A note for yourself (if you like)
entry-note-hint = By it you find the entry again. It is not published. Left empty, the name of what you chose.
entry-add = Add it
entry-none = Choose what it is about first.
entry-added = { $name } goes out with the next version.
