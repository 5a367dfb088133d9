// The API, as openapi.json describes it. Written by `npm run api`: do not edit.
export interface paths {
    "/api/v1/blocked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The titles that are hidden here. */
        get: operations["blocked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/blocked/{title_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Hides a title from every list. */
        put: operations["set_blocked"];
        post?: never;
        /** Shows a title again. */
        delete: operations["clear_blocked"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channel-address": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reads an address. Nobody is contacted. */
        get: operations["read_address"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels that are followed, on their way, our own, or blocked. */
        get: operations["channels"];
        put?: never;
        /** Begins to follow a channel. It is followed once all of it is here; until then its state says how far it is. */
        post: operations["follow_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A channel. */
        get: operations["channel"];
        put?: never;
        post?: never;
        /** Ends following a channel, or the attempt to: its titles leave, what was watched is remembered. */
        delete: operations["unfollow_channel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/applied": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Puts a filter into force. */
        put: operations["apply_filter"];
        post?: never;
        /** Puts a filter out of force; it is followed all the same. */
        delete: operations["apply_filter_no_more"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/blocked": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Blocks a channel: it is not followed any more, and cannot be. */
        put: operations["block_channel"];
        post?: never;
        /** Lets a channel be followed again. */
        delete: operations["unblock_channel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/forgiven": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes updates of a channel again although its publisher's key signed two different versions. Only a person can know that
         *     this is right; nothing older than what is here is taken for new.
         */
        post: operations["forgive_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/petname": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Calls a channel something of this household's own. Nobody else hears of it. */
        put: operations["name_channel"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks for news of a followed channel now. */
        post: operations["refresh_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/shelves": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The first screen of a channel: its titles as its publisher orders them, and by kind. */
        get: operations["shelves"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/channels/{id}/vouched": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Asks the domain that a channel claims whether it vouches for it. */
        post: operations["ask_domain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/consent": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Notes consent to sharing, or that it was taken back. */
        post: operations["consent"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/doctor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What works on this machine, and what to do about the rest. */
        get: operations["doctor"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/downloads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is kept and fetched. */
        get: operations["list"];
        put?: never;
        /** Keeps a release: fetches all of it and never evicts it. */
        post: operations["add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/downloads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a download. */
        delete: operations["remove"];
        options?: never;
        head?: never;
        /** Pauses, resumes, pins or unpins a download. */
        patch: operations["change"];
        trace?: never;
    };
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** News as they happen (`text/event-stream`): each `data:` line is one event. */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/facets": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What one can filter by. */
        get: operations["facets"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/favourites/{title_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes a title a favourite. */
        put: operations["set_favourite"];
        post?: never;
        /** Makes a title no longer a favourite. */
        delete: operations["clear_favourite"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/found-channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels that followed channels vouch for; those that are blocked here are left out. Nobody is contacted. */
        get: operations["found_channels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/home": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The first page. */
        get: operations["home"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/licences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The licences that a title may have. */
        get: operations["licences"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The films that somebody here publishes, and those that wait to be. */
        get: operations["masters"];
        put?: never;
        /** Takes in a film that lies on this machine: linked where that can be, else copied. */
        post: operations["take_master"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/file": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes in a film that is sent, as long as it comes. */
        post: operations["receive_master"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/held": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes in a film that lies on this machine, and holds it: once whoever asked closes the connection, it goes, unless it was
         *     published by then or its channel is being signed.
         */
        post: operations["hold_master"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of the films. */
        get: operations["master"];
        put?: never;
        post?: never;
        /** Removes a film that is not published; what is being done with it stops. */
        delete: operations["remove_master"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}/conversion": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What ffmpeg can make of the film. */
        get: operations["offer"];
        put?: never;
        /** Begins to make what was chosen. It goes on when the page is closed; the film's work says how far it is. */
        post: operations["convert_master"];
        /** Stops a conversion; nothing stays of it. */
        delete: operations["stop_conversion"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}/frames": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Frames of the film, taken out by ffmpeg. */
        get: operations["frames"];
        put?: never;
        /** Makes poster and backdrop of a frame. */
        post: operations["choose_frame"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}/poster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Makes a poster of a picture that somebody chose: JPEG, PNG or WebP. */
        put: operations["set_poster"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begins to publish a film: its torrent is made, the channel signed and told. The film's work says how far it is. If the
         *     channel has the film already and neither `update` nor `again` says what is meant, the work ends as `there`, and the film
         *     can be published with one of them.
         */
        post: operations["publish_master"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}/subtitles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Adds a subtitle (SRT, WebVTT, ASS, MicroDVD). One of the same language and purpose is replaced. */
        put: operations["add_subtitle"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/masters/{id}/subtitles/{subtitle}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a subtitle out again. */
        delete: operations["remove_subtitle"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/network": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How this machine is doing with peers. */
        get: operations["network"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels that this machine has the keys of. */
        get: operations["own_channels"];
        put?: never;
        /** Makes a channel and its keys. Nobody knows of it until it is published. */
        post: operations["create_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One of our channels. */
        get: operations["own_channel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/catalogue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that is published now, as a catalogue file. */
        get: operations["export_channel"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/domain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** An own channel claims a domain from its next version on. */
        put: operations["claim_domain"];
        /** Asks the domain that an own channel claims whether it vouches for it, also before the claim is published. */
        post: operations["ask_own_domain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/draft": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits to be published. */
        get: operations["channel_draft"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/draft/{title}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Takes a title out of what waits. */
        delete: operations["take_out"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/entries": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Everything that a filter of ours marks with its next version. */
        get: operations["entries"];
        put?: never;
        /** Puts entries into a filter of ours, or takes them off; they wait until the next publish. */
        post: operations["add_entries"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/files/{sort}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a picture (JPEG, PNG, WebP; made anew here) or a subtitle in. It goes into the channel's packs with the first
         *     published title that names it. Add that title before Kinora ends: what no waiting title names goes away with the next
         *     start, and is to be sent again.
         */
        post: operations["take_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hands a channel over to its next root key, because the one that it has may be stolen. All titles wait in the channel
         *     that is returned; publish that one afterwards.
         */
        post: operations["hand_over"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/imports": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Takes a list into a channel: all of it waits for the next publish then, or nothing. The answer is a line of JSON for each
         *     piece of news, and one for the end; whoever closes the connection before that stops the import, and nothing of it stays.
         */
        post: operations["import_list"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/marks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The entries of a filter of ours, those that wait among them, with what is known of them on this machine. */
        get: operations["marks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/mirrors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Names a web server that has a copy of an own channel, from its next version on. It is not asked for anything now. */
        post: operations["add_mirror"];
        /** Names it no longer, from the next version on. */
        delete: operations["remove_mirror"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/passphrase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Locks a channel's secret with another passphrase, or with none. */
        put: operations["lock_channel"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Signs what waits, shares it and tells the network. */
        post: operations["publish_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the key that signs versions, because it may be stolen; publish afterwards. */
        post: operations["rotate_key"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Takes a channel's secret off this machine, once its words were typed as they are on paper. The key that signs versions
         *     stays; what needs the secret asks for the words from then on.
         */
        delete: operations["remove_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/titles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Adds or changes titles; they wait until the next publish. The body is a catalogue file. */
        post: operations["add_titles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/vouches": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The channels for which an own channel vouches from its next version on. */
        get: operations["vouches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/vouches/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** An own channel vouches for another from its next version on. */
        put: operations["vouch"];
        post?: never;
        /** An own channel vouches for another no longer, from its next version on. */
        delete: operations["vouch_no_more"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-channels/{id}/withdrawals": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a title back for ever; it leaves with the next publish. */
        post: operations["withdraw_title"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sites that this machine has the keys of, published or not. */
        get: operations["own_sites"];
        put?: never;
        /** Makes a site and its keys. Nobody knows of it until it is published. */
        post: operations["create_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Brings a site back from its words: its newest version is looked for, then its keys are made again. */
        post: operations["restore_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/{id}/hand-over": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hands a site over to its next root key, because the one that it has may be stolen. Its visitors are asked whether they go
         *     there; publish in the site that is returned.
         */
        post: operations["hand_over_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/{id}/mirrors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Names a web server that has a copy of an own site, from its next version on. It is not asked for anything now. */
        post: operations["add_site_mirror"];
        /** Names it no longer, from the next version on. */
        delete: operations["remove_site_mirror"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/{id}/passphrase": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Locks a site's secret with another passphrase, or with none. */
        put: operations["lock_site"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/{id}/publish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Signs what is in a folder of this machine, shares it and tells the network. The answer is a line of JSON for each piece
         *     of news, and one for the end; whoever closes the connection before it is signed stops it, and nothing of it stays.
         */
        post: operations["publish_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Replaces the key that signs versions of a site, because it may be stolen; publish afterwards. */
        post: operations["rotate_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/own-sites/{id}/secret": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Takes a site's secret off this machine, once its words were typed as they are on paper. The key that signs versions
         *     stays; what needs the secret asks for the words from then on.
         */
        delete: operations["remove_site_secret"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/play": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Starts a film or an episode. */
        post: operations["play"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/playbacks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How a playback is doing. */
        get: operations["state"];
        put?: never;
        post?: never;
        /** Says that nobody watches any more. */
        delete: operations["end"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/playbacks/{id}/scenes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Chapters and small pictures that lie beside a film in its torrent; empty lists if there are none. Waits until the
         *     torrent's description is known.
         */
        get: operations["scenes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/progress/{item_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Notes how far somebody is; durable once answered. */
        put: operations["set_progress"];
        post?: never;
        /** Forgets how far somebody is. */
        delete: operations["clear_progress"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/recovery-words": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The list of words, so that a page can check each one while it is typed without telling anybody. */
        get: operations["word_list"];
        put?: never;
        /** Reads the words. Nobody is contacted and nothing is kept. */
        post: operations["read_words"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/restorations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What is being brought back, and how it ended, for a page that was not there from the beginning. Words are never shown. */
        get: operations["restorations"];
        put?: never;
        /**
         * Begins to bring a channel back: its newest version is looked for, then its keys are made again. News tell how far it
         *     is.
         */
        post: operations["restore_channel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/restorations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far bringing a channel back is, or how it ended. */
        get: operations["restoration_state"];
        put?: never;
        post?: never;
        /** Gives up bringing a channel back, or forgets how it ended. */
        delete: operations["stop_restoring"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Search as you type. Every text is a query; none is an error. */
        get: operations["search"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The settings in force. */
        get: operations["settings"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Changes a part of the settings; limits and quota hold at once. */
        patch: operations["patch"];
        trace?: never;
    };
    "/api/v1/sites": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The sites that are here: own ones that were published, and those that somebody visited. They are kept alive for others. */
        get: operations["sites"];
        put?: never;
        /**
         * Opens a site for the browsers of this machine, or the one that it moved to if somebody said so before, at an origin of its own: its newest version, or the one that is here if
         *     the network has none. It stays open until the server ends or it is forgotten.
         */
        post: operations["open_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sites/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Forgets a site of others: it is closed, shared no longer, and its files go. */
        delete: operations["forget_site"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sites/{id}/forgiven": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes updates of a site again whose key signed two different versions: a person says so, who was warned. */
        post: operations["forgive_site"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/sites/{id}/successor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Notes whether this household goes along with a site that moved: it is asked once. */
        put: operations["go_along"];
        post?: never;
        /** Asks again whether to go along. */
        delete: operations["ask_again"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/titles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The titles that pass a filter. */
        get: operations["titles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/titles/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The page of one title. */
        get: operations["title"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/titles/{id}/shown-anyway": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Shows a title whatever filters say of it. */
        put: operations["show_anyway"];
        post?: never;
        /** Lets filters say again whether a title is shown. */
        delete: operations["show_anyway_no_more"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/torrents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes a torrent that somebody handed in: a magnet link as JSON, or the bytes of a `.torrent` file. */
        post: operations["hand_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/torrents/{id}/play": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Plays a file of a torrent that somebody handed in. */
        post: operations["play_file"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/watched/{item_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Marks an item as watched; a series: all its episodes. */
        put: operations["set_watched"];
        post?: never;
        /** Marks an item as not watched. */
        delete: operations["clear_watched"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/image/{signed}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A picture, made anew by Kinora (WebP). */
        get: operations["picture"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/stream/{signed}/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A film, or a part of it. A read waits until its bytes are verified; it never gets others. */
        get: operations["stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/subtitle/{signed}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A subtitle, converted to WebVTT. */
        get: operations["subtitle_text"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What waits now. */
        AddedEntries: {
            /** @description How many things the list named. */
            entries: number;
            /** @description How many entries wait to be published. */
            waiting: number;
        };
        /** @description What was added. */
        AddedTitles: {
            /** @description What was left out. */
            dropped: components["schemas"]["Dropped"][];
            /** @description How many titles. */
            titles: number;
            /** @description How many wait now. */
            waiting: number;
        };
        /** @description What an address leads to. */
        AddressRead: {
            /** @description The address in its usual form. */
            address: string;
            /** @description Whether it is blocked here. */
            blocked: boolean;
            /** @description Whether this household follows it. */
            followed: boolean;
            /** @description The 52 letters of the key. */
            id: string;
            /** @description Whether it is our own. */
            own: boolean;
            /** @description Peers that it names: they learn that somebody here asks for the channel. */
            peers: string[];
            /** @description The title that it means, by its id here; null if it is the whole channel. */
            title?: string | null;
        };
        /** @description All titles that are hidden here. */
        Blocked: {
            /** @description Last hidden first. */
            titles: components["schemas"]["BlockedTitle"][];
        };
        /** @description A channel that may not be followed. */
        BlockedChannel: {
            /** @description The 52 letters of its key. */
            id: string;
            /** @description What it was called when it was blocked; may be empty. */
            name: string;
        };
        /** @description A title that is hidden here. */
        BlockedTitle: {
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
        };
        /** @description Where fetched data lies. */
        Cache: {
            /**
             * Format: int32
             * @description The most that followed channels may take beside it, GiB: what they list, not their films.
             */
            channels_gib: number;
            /**
             * Format: int64
             * @description What they take now, bytes.
             */
            channels_used_bytes: number;
            /** @description The folder. */
            path: string;
            /**
             * Format: int32
             * @description The most it may hold, GiB.
             */
            quota_gib: number;
            /**
             * Format: int64
             * @description What it holds now, bytes.
             */
            used_bytes: number;
        };
        /** @description A part of the cache settings. */
        CachePatch: {
            /**
             * Format: int32
             * @description The most that followed channels may take beside it, GiB; at least 1. What is here stays.
             */
            channels_gib?: number | null;
            /** @description The folder; `null` is the program's own. */
            path?: string | null;
            /**
             * Format: int32
             * @description The most it may hold, GiB; at least 1.
             */
            quota_gib?: number | null;
        };
        /** @description A title as a grid shows it. */
        Card: {
            /** @description Languages spoken in it (BCP 47). */
            audio_languages: string[];
            /** @description The 52 letters of the channel that it came with; none for the catalogues of this machine. */
            channel: string | null;
            /** @description Whether it is a favourite. */
            favourite: boolean;
            /** @description Genres. */
            genres: string[];
            /** @description The title's id. */
            id: string;
            /** @description Film, series or short. */
            kind: components["schemas"]["Kind"];
            /** @description Its licence. */
            licence: components["schemas"]["Licence"];
            /** @description Its name in the viewer's language. */
            name: string;
            /** @description Of a series, the episode that is next: `S1 E3`. */
            next_label: string | null;
            /** @description Signed path of the upright picture, large. */
            poster: string | null;
            /** @description Signed path of the upright picture, for grids. */
            poster_small: string | null;
            progress: components["schemas"]["Progress"] | null;
            /** @description Qualities, largest picture first. */
            qualities: string[];
            /**
             * Format: int32
             * @description Running time, seconds.
             */
            runtime_s: number | null;
            /** @description Languages of its subtitles (BCP 47). */
            subtitle_languages: string[];
            /** @description Preview of the poster, base64. */
            thumbhash: string | null;
            /** @description Whether it was watched; a series: all of it. */
            watched: boolean;
            /**
             * Format: int32
             * @description Year of first publication.
             */
            year: number | null;
        };
        /** @description A channel. */
        Channel: {
            /** @description What it is about. */
            about: string;
            /** @description Its address. */
            address: string;
            /** @description Where rights questions go: `mailto:` and `https:` addresses. */
            contact: string[];
            /** @description The domain that it claims. */
            domain: string | null;
            filter: components["schemas"]["FilterState"] | null;
            /** @description Whether this household follows it. */
            followed: boolean;
            /** @description What to do about it. */
            hint: string;
            /** @description The 52 letters of its key; titles' ids begin with them. */
            id: string;
            /** @description When its publisher signed that version (RFC 3339). */
            issued_at: string | null;
            /** @description What is published in it. */
            kind: components["schemas"]["ChannelKind"];
            /** @description When anybody last confirmed it (RFC 3339). */
            last_seen_at: string | null;
            /** @description Its address as clients of mutable torrents know it (BEP 46). */
            magnet: string;
            /** @description When that was, RFC 3339. */
            moved_at: string | null;
            /** @description The address under which it was followed before its publisher handed it over. */
            moved_from: string | null;
            /** @description What its publisher calls it; empty until that is known. */
            name: string;
            /** @description Whether this machine has its keys. */
            own: boolean;
            /** @description What this household calls it, if it has a name of its own for it: stronger than its publisher's. */
            petname?: string | null;
            problem: components["schemas"]["Problem"] | null;
            progress: components["schemas"]["ChannelProgress"] | null;
            /** @description Who publishes it, in their own words. */
            publisher: string;
            /**
             * @description An address to which somebody who has the publisher's key wanted to move it. Another one was promised, so that was
             *     refused: the key may be stolen.
             */
            refused_successor: string | null;
            resembles: components["schemas"]["OtherChannel"] | null;
            /** @description What that means. */
            sentence: string;
            /** @description How it is. */
            state: components["schemas"]["ChannelState"];
            /** @description The address that it was handed over to. */
            successor: string | null;
            /** @description Whether that one is blocked here: then it is not followed there. */
            successor_blocked: boolean;
            /**
             * Format: int64
             * @description Titles that are here.
             */
            titles: number;
            /**
             * Format: int64
             * @description The version that is here; 0 for none.
             */
            version: number;
            /** @description When that domain vouched for it, RFC 3339; nothing if it was not asked, or does not. */
            vouched_at: string | null;
        };
        /**
         * @description What is published under an address.
         * @enum {string}
         */
        ChannelKind: "catalogue" | "filter";
        /** @description The channels of this household. */
        ChannelList: {
            /** @description Those that may not be followed. */
            blocked: components["schemas"]["BlockedChannel"][];
            /** @description Those that are here or on their way. */
            channels: components["schemas"]["Channel"][];
        };
        /** @description How far it is. */
        ChannelProgress: {
            /**
             * Format: int64
             * @description Bytes that are here.
             */
            done_bytes: number;
            /**
             * Format: int32
             * @description Peers that help.
             */
            peers: number;
            /** @description What is being done. */
            step: components["schemas"]["Step"];
            /**
             * Format: int64
             * @description Bytes in all, once known; else 0.
             */
            wanted_bytes: number;
        };
        /**
         * @description How a channel is.
         * @enum {string}
         */
        ChannelState: "following" | "failed" | "empty" | "fresh" | "frozen" | "refused" | "no_room" | "two_versions" | "damaged" | "handed_over";
        /** @description What is to be made of a film. */
        Choice: {
            /** @description Whether it becomes as loud as others (EBU R 128). */
            level_sound?: boolean;
            /** @description The qualities by name; none leaves the film's file as it is, and makes what goes beside it. */
            qualities?: string[];
        };
        /** @description Which domain an own channel claims. */
        ClaimRequest: {
            /** @description A domain such as `example.org`; nothing to claim none. */
            domain?: string | null;
        };
        /** @description A domain that an own channel claims. */
        ClaimedDomain: {
            /** @description It. */
            name: string;
            /** @description Whether the version that was published last claims it. */
            published: boolean;
            /** @description What that record says. */
            record: string;
            /** @description The name of the TXT record by which it vouches for the channel. */
            record_name: string;
            /** @description When the domain vouched for the channel, RFC 3339; nothing if it was not asked, or does not. */
            vouched_at: string | null;
        };
        /** @description Whether somebody agreed to sharing. */
        Consent: {
            /** @description When (RFC 3339). */
            at: string | null;
            /** @description Whether they did, to the text as it is now. */
            given: boolean;
            /**
             * Format: int32
             * @description The version of the text as it is now.
             */
            version: number;
        };
        /** @description Consent, with the sharing settings that were shown beside it. */
        ConsentRequest: {
            /** @description Whether they agree. */
            given: boolean;
            sharing?: components["schemas"]["Sharing"] | null;
        };
        /**
         * @description What is being done in a conversion.
         * @enum {string}
         */
        ConversionStep: "waiting" | "measuring" | "encoding" | "previews" | "texts";
        /** @description A channel that was made just now. */
        CreatedChannel: {
            /** @description It. */
            channel: components["schemas"]["OwnChannel"];
            /** @description The 24 words that bring it back, told this once: they belong on paper. */
            words: string[];
        };
        /** @description A site that was made just now. */
        CreatedSite: {
            /** @description It. */
            site: components["schemas"]["OwnSiteShown"];
            /** @description The 24 words of its secret, told this once: they belong on paper. */
            words: string[];
        };
        /** @description A torrent that somebody asked to keep. */
        Download: {
            /**
             * Format: int64
             * @description Bytes there and verified.
             */
            done_bytes: number;
            /**
             * Format: int64
             * @description Bytes per second.
             */
            down_rate: number;
            error: components["schemas"]["Problem"] | null;
            /** @description Its files; empty until known. */
            files: components["schemas"]["DownloadFile"][];
            /** @description Its id. */
            id: string;
            /** @description The film or episode it is for, if it came from a catalogue. */
            item_id: string | null;
            /** @description Its name, maybe a stranger's text. */
            name: string;
            /**
             * Format: int32
             * @description Connected peers.
             */
            peers: number;
            /** @description Whether the cache may not evict it. */
            pinned: boolean;
            /**
             * Format: double
             * @description Bytes given per byte taken.
             */
            ratio: number;
            /**
             * Format: int64
             * @description Bytes wanted; 0 until known.
             */
            size_bytes: number;
            /** @description What it is doing. */
            state: components["schemas"]["DownloadState"];
            swarm: components["schemas"]["SwarmSize"] | null;
            /**
             * Format: int64
             * @description Bytes per second.
             */
            up_rate: number;
        };
        /** @description A file of a download. */
        DownloadFile: {
            /**
             * Format: int64
             * @description How much of it is here and verified, bytes.
             */
            done_bytes: number;
            /** @description Its place in the torrent. */
            index: number;
            /**
             * Format: int64
             * @description Its length, bytes.
             */
            length: number;
            /** @description Its path, a stranger's text. */
            path: string;
            /** @description Whether it is a film or sound that Kinora knows. */
            playable: boolean;
        };
        /** @description What changes about a download. */
        DownloadPatch: {
            /** @description Whether it rests. */
            paused?: boolean | null;
            /** @description Whether the cache may not evict it. */
            pinned?: boolean | null;
        };
        /** @description What to keep. */
        DownloadRequest: {
            /** @description The film or episode. */
            item_id: string;
            /** @description Its release. */
            release_id: string;
        };
        /**
         * @description What a download is doing.
         * @enum {string}
         */
        DownloadState: "queued" | "fetching" | "checking" | "done" | "paused" | "failed";
        /** @description All downloads. */
        Downloads: {
            /** @description Oldest first. */
            downloads: components["schemas"]["Download"][];
        };
        /** @description What waits to be published. */
        Draft: {
            /** @description Titles that are new or changed. */
            titles: components["schemas"]["Waiting"][];
            /** @description Titles that are taken back. */
            withdrawn: components["schemas"]["Waiting"][];
        };
        /** @description A record that was left out. */
        Dropped: {
            /** @description Its id, or its place in the file. */
            id: string;
            /** @description What it lacks. */
            why: string;
        };
        /**
         * @description How a film's picture is brought into the range of the qualities (BT.709).
         * @enum {string}
         */
        DynamicRange: "standard" | "mapped" | "pale";
        /** @description All entries of a filter. */
        Entries: {
            /** @description One a line, as they are added: with the things and the notes that are known on this machine, else by their hashes. */
            list: string;
        };
        /** @description Entries of a filter of our own. */
        EntriesRequest: {
            action?: components["schemas"]["FilterAction"] | null;
            /**
             * @description A thing a line: an infohash, a channel's address, the id of a title as followers see it, or `mark:` and 32 digits;
             *     after it an action and a reason, if they are others than those below. What follows `#` is a note that stays here.
             */
            list: string;
            reason?: components["schemas"]["FilterReason"] | null;
            /** @description Whether they are taken off. */
            remove?: boolean;
        };
        /** @description Some entries of a filter of ours. */
        EntryList: {
            /** @description Those that wait first, then in the order of their notes; at most 200. */
            entries: components["schemas"]["ListedEntry"][];
            /** @description How many have the words. */
            total: number;
            /** @description How many entries followers are told otherwise of with the next version. */
            unpublished: number;
        };
        /**
         * @description What becomes of an entry with the next version.
         * @enum {string}
         */
        EntryState: "published" | "new" | "changed" | "removed";
        /** @description An episode of a series. */
        Episode: {
            /** @description Its id. */
            id: string;
            /** @description Its name. */
            name: string;
            /**
             * Format: int32
             * @description Its number within the season.
             */
            number: number;
            progress: components["schemas"]["Progress"] | null;
            /** @description What can be played. */
            releases: components["schemas"]["Release"][];
            /**
             * Format: int32
             * @description Running time, seconds.
             */
            runtime_s: number | null;
            /**
             * Format: int32
             * @description The season's number; 0 for specials.
             */
            season: number;
            /** @description Signed path of a wide picture from it. */
            still: string | null;
            /** @description What it is about. */
            synopsis: string | null;
            /** @description Whether it was watched. */
            watched: boolean;
        };
        /** @description Something the page may want to draw anew. */
        Event: {
            /** @description How far they are. */
            progress: components["schemas"]["Progress"];
            /** @enum {string} */
            type: "progress";
        } | {
            /** @description How it is now. */
            download: components["schemas"]["Download"];
            /** @enum {string} */
            type: "download";
        } | {
            /** @description Which one. */
            id: string;
            /** @enum {string} */
            type: "download_removed";
        } | {
            /** @description The figures. */
            network: components["schemas"]["Network"];
            /** @enum {string} */
            type: "network";
        } | {
            /** @description Which one. */
            id: string;
            /** @description How it is. */
            state: components["schemas"]["PlaybackState"];
            /** @enum {string} */
            type: "playback";
        } | {
            /** @enum {string} */
            type: "settings";
        } | {
            /** @enum {string} */
            type: "channels";
        } | {
            /** @enum {string} */
            type: "library";
        };
        /** @description A value that one can filter by, and how many titles have it. */
        Facet: {
            /**
             * Format: int64
             * @description How many titles have it.
             */
            count: number;
            /** @description The value, as a filter takes it. */
            value: string;
        };
        /** @description Everything that one can filter by, most frequent first. */
        Facets: {
            decades: components["schemas"]["Facet"][];
            genres: components["schemas"]["Facet"][];
            kinds: components["schemas"]["Facet"][];
            languages: components["schemas"]["Facet"][];
            licences: components["schemas"]["Facet"][];
            qualities: components["schemas"]["Facet"][];
            subtitles: components["schemas"]["Facet"][];
        };
        /** @description What is in a film. */
        Facts: {
            /** @description The audio codec. */
            audio_codec: string | null;
            /** @description Languages spoken in it (BCP 47). */
            audio_languages: string[];
            /** @description `mp4`, `webm` or `matroska`. */
            container: string;
            /**
             * Format: int32
             * @description The running time, seconds.
             */
            duration_s: number | null;
            /** @description Whether the file can be published as it is. */
            goes_as_it_is?: boolean;
            /**
             * Format: int32
             * @description Picture height, pixels.
             */
            height: number | null;
            /** @description Whether every browser is likely to play it. */
            plays_in_browsers: boolean;
            /** @description The video codec. */
            video_codec: string | null;
            /**
             * Format: int32
             * @description Picture width, pixels.
             */
            width: number | null;
        };
        /** @description Which file of a torrent. */
        FileRequest: {
            /** @description Its place in the torrent. */
            file: number;
        };
        /** @description What is said of a film that is published. */
        FilmRecord: {
            /** @description "I may share this": must be true. */
            agreed: boolean;
            /** @description The credit line that the licence asks for. */
            attribution: string;
            /** @description Genres. */
            genres?: string[];
            /** @description `film`, `short`, `concert`, `performance`, `lecture` or `newsreel`. */
            kind: string;
            /** @description The language of name and text (BCP 47). */
            language: string;
            /** @description The licence (SPDX). */
            licence: string;
            /** @description The publisher's permission in words, with a licence of their own. */
            licence_statement?: string | null;
            /** @description Its name. */
            name: string;
            /** @description Where the licence can be checked (https). */
            source: string;
            /** @description What it is about. */
            synopsis?: string | null;
            /**
             * Format: int32
             * @description Year of first publication.
             */
            year?: number | null;
        };
        /** @description A title of a channel that has a film already. */
        FilmThere: {
            /** @description The episode that has the film, if the title is a series. */
            episode: string | null;
            /** @description What it is called. */
            name: string;
            /** @description Its id in the channel. */
            title: string;
            /** @description Whether it waits for the next version. */
            waiting: boolean;
        };
        /**
         * @description What a filter asks for.
         * @enum {string}
         */
        FilterAction: "hide" | "warn" | "no_seed" | "block";
        /**
         * @description Why a filter marks something.
         * @enum {string}
         */
        FilterReason: "licence" | "rights" | "wrong_file" | "malware" | "privacy" | "superseded";
        /** @description What a filter is here. */
        FilterState: {
            /** @description Whether it is in force here. */
            applied: boolean;
            /**
             * Format: int64
             * @description How many things it marks.
             */
            entries: number;
            /**
             * Format: int64
             * @description How many titles of this household it hides, or would if it were in force.
             */
            hides: number;
            /**
             * Format: int64
             * @description Of how many it warns, or would.
             */
            warns: number;
        };
        /** @description What a filter in force says of a title. */
        FilteredBy: {
            /** @description What it asks for. */
            action: components["schemas"]["FilterAction"];
            /** @description The 52 letters of the filter. */
            channel: string;
            /** @description What it is called. */
            name: string;
            /** @description What its publisher says of the whole list. */
            note: string | null;
            reason: components["schemas"]["FilterReason"] | null;
        };
        /** @description One thing that was looked at. */
        Finding: {
            /** @description What was found. */
            detail: string;
            /** @description What to do, if something is to be done. */
            hint: string | null;
            /** @description A stable word. */
            id: string;
            /** @description Whether it is as it should be. */
            ok: boolean;
        };
        /** @description Which channel to follow. */
        FollowRequest: {
            /** @description `kinora:…`, or `magnet:?xs=urn:btpk:…`. */
            address: string;
            /**
             * Format: int64
             * @description How long to look for it, seconds; ten minutes if not given.
             */
            patience_s?: number | null;
        };
        /** @description A channel that at least one followed channel vouches for. */
        FoundChannel: {
            /** @description What it is about, as they say. */
            about: string;
            /** @description Its address. */
            address: string;
            /** @description Whether this household follows it. */
            followed: boolean;
            /** @description The 52 letters of its key. */
            id: string;
            /** @description The languages of its films (BCP 47). */
            languages: string[];
            /** @description What it is called, as those say who vouch for it. */
            name: string;
            /** @description Whether this machine has its keys. */
            own: boolean;
            resembles: components["schemas"]["OtherChannel"] | null;
            /** @description Who vouches for it. */
            vouched_by: components["schemas"]["OtherChannel"][];
        };
        /** @description Channels that others vouch for. */
        FoundChannels: {
            /** @description Those for which most vouch first. */
            channels: components["schemas"]["FoundChannel"][];
        };
        /** @description Which frame. */
        FrameChoice: {
            /** @description Its place in the list of frames. */
            frame: number;
        };
        /** @description Frames to choose a poster from. */
        Frames: {
            /** @description Pictures as data addresses. */
            frames: string[];
        };
        /** @description Whether to go along. */
        GoAlong: {
            /** @description The address that is opened from now on when this one is asked for; null stays with this one. */
            address: string | null;
        };
        /** @description How taking it in ended. */
        HeldEnd: {
            /** @enum {string} */
            event: "failed";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        };
        /** @description A film that is held. */
        HeldFilm: {
            /** @enum {string} */
            event: "taken";
            /** @description The film. */
            master: components["schemas"]["MasterShown"];
        };
        /** @description A line of the answer; after `taken` there is none as long as the film is held. */
        HeldLine: components["schemas"]["HeldFilm"] | components["schemas"]["HeldEnd"];
        /** @description The first page. */
        Home: {
            /** @description What is under way, last seen first. */
            continue_watching: components["schemas"]["Card"][];
            /** @description Rows to choose from. */
            rows: components["schemas"]["Row"][];
        };
        /** @description How an import ended. */
        ImportEnd: (components["schemas"]["Imported"] & {
            /** @enum {string} */
            event: "imported";
        }) | {
            /** @enum {string} */
            event: "failed";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
        };
        /** @description A line of the answer; the last one is `imported` or `failed`. */
        ImportLine: components["schemas"]["News"] | components["schemas"]["ImportEnd"];
        /** @description What became of a list. */
        Imported: {
            /** @description Films that are published in this channel already. */
            already_here: number;
            /** @description Pictures that wait with the titles. */
            pictures: number;
            /** @description Titles that wait now because of it; with none, nothing was changed. */
            titles: number;
            /** @description Those of them whose film was in the channel already: they describe that title anew. */
            updated: number;
            /** @description How many titles wait in all. */
            waiting: number;
        };
        /**
         * @description What sort of work a title is.
         * @enum {string}
         */
        Kind: "film" | "series" | "short" | "concert" | "performance" | "lecture" | "newsreel";
        /** @description The licence that lets everybody share a title. */
        Licence: {
            /** @description Name for people. */
            name: string;
            /** @description SPDX identifier. */
            spdx: string;
            /** @description Where its text can be read. */
            url: string | null;
        };
        /** @description A licence that everybody may share under. */
        LicenceChoice: {
            /** @description Name for people. */
            name: string;
            /** @description SPDX identifier. */
            spdx: string;
            /** @description Where its text can be read. */
            url: string | null;
        };
        /** @description The licences that a title may have. */
        Licences: {
            /** @description All that are recognised. */
            licences: components["schemas"]["LicenceChoice"][];
        };
        /** @description A list whose films and pictures lie on this machine. */
        ListRequest: {
            /** @description Films that have none yet. */
            films?: components["schemas"]["ListedFilm"][];
            /** @description The whole path of the folder below which the pictures of titles lie. */
            folder: string;
            /** @description Series with episodes that have none yet. */
            series?: components["schemas"]["ListedSeries"][];
            /** @description Titles that have their torrents. */
            titles?: components["schemas"]["TitleOfList"][];
        };
        /** @description An entry of a filter of ours. */
        ListedEntry: {
            /** @description What it asks for. */
            action: components["schemas"]["FilterAction"];
            /** @description Its hash, as lists have it: `mark:` and 32 digits. */
            mark: string;
            /** @description The note that was made of it here; never published. */
            note: string;
            reason: components["schemas"]["FilterReason"] | null;
            /** @description What becomes of it. */
            state: components["schemas"]["EntryState"];
            /** @description What was entered here: an infohash, a channel's address, a title's id. Nothing if that was on another machine. */
            thing: string | null;
        };
        /** @description An episode of a list that lies on this machine and has no torrent yet. */
        ListedEpisode: {
            /** @description Its id in the record of its series. */
            id: string;
            /**
             * Format: int64
             * @description The line that its record begins in.
             */
            line: number;
            /** @description Its file, as a whole path; that of several episodes may be the same. */
            path: string;
        };
        /** @description A film of a list that lies on this machine and has no torrent yet. */
        ListedFilm: {
            /** @description The wide picture beside it, as a whole path. */
            backdrop?: string | null;
            /** @description Whether the list gives it its id; another one is made of what it is called. */
            has_own_id?: boolean;
            /**
             * Format: int64
             * @description The line that its record begins in.
             */
            line: number;
            /** @description Its file, as a whole path. */
            path: string;
            /** @description The upright picture beside it, as a whole path. */
            poster?: string | null;
            /** @description What is said of it, in the shape of a catalogue's record without releases. */
            record: Record<string, never>;
        };
        /** @description A series of a list of which episodes lie on this machine and have no torrents yet. */
        ListedSeries: {
            /** @description The episodes that lie here. */
            episodes: components["schemas"]["ListedEpisode"][];
            /** @description Whether the list gives it its id; another one is made of what it is called. */
            has_own_id?: boolean;
            /**
             * Format: int64
             * @description The line that its record begins in.
             */
            line: number;
            /**
             * @description What is said of it, in the shape of a catalogue's record; the episodes that lie here have no releases. Pictures may
             *     be files below the list's folder.
             */
            record: Record<string, never>;
        };
        /** @description Another lock for a secret. */
        LockRequest: {
            /** @description The passphrase from now on; without one the secret lies open on this disk. */
            new?: string | null;
            /** @description The passphrase until now, if it is locked. */
            old?: string | null;
            /** @description The 24 words in place of the passphrase until now: they put a secret back that was taken off this machine. */
            words?: string | null;
        };
        /** @description A magnet link that somebody handed in. */
        MagnetRequest: {
            /** @description The link. */
            magnet: string;
        };
        /** @description The films that somebody here publishes. */
        MasterList: {
            /** @description All of them. */
            masters: components["schemas"]["MasterShown"][];
        };
        /** @description A film that somebody here publishes. */
        MasterShown: {
            /** @description Whether ffmpeg made them. */
            converted: boolean;
            /** @description Other complete copies of every quality that were seen in this run; those behind one address count once. */
            copies: number;
            /** @description What is in it. */
            facts: components["schemas"]["Facts"];
            /** @description Its id. */
            id: string;
            /**
             * Format: int64
             * @description Its length, bytes.
             */
            length: number;
            /** @description What its file was called. */
            name: string;
            /** @description The files that go out, best first: what was made of it, or itself. */
            outgoing: components["schemas"]["OutgoingShown"][];
            /** @description Its poster, as a data address. */
            poster: string | null;
            published: components["schemas"]["PublishedFilm"] | null;
            /** @description Whether enough others have all of it that this machine may rest. */
            safe_to_close: boolean;
            /** @description Its subtitles. */
            subtitles: components["schemas"]["SubtitleShown"][];
            work: components["schemas"]["Work"] | null;
        };
        /** @description A web server that has a copy of an own channel or site. */
        Mirror: {
            /** @description Whether the version that was published last names it. */
            published: boolean;
            /** @description The address of the folder there. */
            url: string;
        };
        /** @description Which web server has a copy. */
        MirrorRequest: {
            /** @description The address of a folder, `https://…/`. */
            url: string;
        };
        /** @description What a channel is called here. */
        NameRequest: {
            /** @description One line, at most 100 characters; empty takes the name back. */
            name: string;
        };
        /** @description How this machine is doing with peers. */
        Network: {
            /**
             * Format: int64
             * @description Bytes per second.
             */
            down_rate: number;
            /**
             * Format: int64
             * @description Bytes taken since the start.
             */
            downloaded: number;
            /**
             * Format: int32
             * @description The port that peers connect to; 0 if there is none.
             */
            listen_port: number;
            /**
             * Format: int32
             * @description Connected peers.
             */
            peers: number;
            /** @description Where the internet sees this machine, `HOST:PORT`, as far as others told it; empty behind a proxy. */
            public_addresses: string[];
            /** @description Torrents that take part. */
            torrents: number;
            /**
             * Format: int64
             * @description Bytes per second.
             */
            up_rate: number;
            /**
             * Format: int64
             * @description Bytes given since the start.
             */
            uploaded: number;
        };
        /** @description How peers reach this machine. */
        NetworkSettings: {
            /**
             * Format: int32
             * @description The port that peers connect to; 0 while there is none.
             */
            listen_port: number;
        };
        /** @description What a channel is made with. */
        NewChannelRequest: {
            /** @description What it is about. */
            about?: string | null;
            /** @description Where rights questions go: `mailto:…` or `https://…`. */
            contact: string;
            /** @description Whether it is a filter, a list of what to leave out, and no catalogue. */
            filter?: boolean;
            /** @description The language of name and text (BCP 47); English if not given. */
            language?: string | null;
            /** @description What it is called. */
            name: string;
            /** @description Locks the secret on this disk. */
            passphrase?: string | null;
            /** @description Who publishes it, if not the channel's name. */
            publisher?: string | null;
        };
        /** @description What is told while a list is taken in. */
        News: {
            /**
             * Format: int64
             * @description Bytes that were read.
             */
            done_bytes: number;
            /** @enum {string} */
            event: "hashing";
            /**
             * Format: int64
             * @description Bytes to read.
             */
            total_bytes: number;
        } | {
            /** @description How many were. */
            done: number;
            /** @enum {string} */
            event: "films";
            /** @description How many there are. */
            total: number;
        } | {
            /** @description How many did. */
            done: number;
            /** @enum {string} */
            event: "pictures";
            /** @description How many have any. */
            total: number;
        } | {
            /** @description A word for the reason. */
            code: string;
            /** @enum {string} */
            event: "left_out";
            /**
             * Format: int64
             * @description The line of its record.
             */
            line: number;
            /** @description Its file, or what it calls itself. */
            name: string;
            /** @description The reason. */
            why: string;
        } | (components["schemas"]["NoPicture"] & {
            /** @enum {string} */
            event: "no_picture";
        }) | {
            /** @enum {string} */
            event: "no_poster";
            /** @description The reason. */
            why: string;
        };
        /** @description A picture that a title goes without. */
        NoPicture: {
            /** @description A word for the reason. */
            code: string;
            /** @description What the list says of it. */
            file: string;
            /**
             * Format: int64
             * @description The line of its title.
             */
            line: number;
            /** @description What its title calls itself. */
            name: string;
            /** @description Which one: `poster`, `backdrop` or `still`. */
            picture: string;
            /** @description The reason. */
            why: string;
        };
        /** @description What can be made of a film. */
        Offer: {
            /** @description Whether the film's own file can be published as it is. */
            as_it_is: boolean;
            /** @description How many chapters it has. */
            chapters: number;
            /** @description How its picture is brought into the range of the qualities. */
            dynamic_range: components["schemas"]["DynamicRange"];
            /** @description Subtitles inside it that are pictures and cannot be converted. */
            picture_texts: number;
            /** @description The qualities, best first. */
            qualities: components["schemas"]["OfferedQuality"][];
            /** @description How many sounds it has. */
            sounds: number;
            /** @description Subtitles inside it that can be converted. */
            texts: number;
        };
        /** @description A quality that can be made. */
        OfferedQuality: components["schemas"]["Quality"] & {
            /**
             * Format: int64
             * @description About how large it becomes at most, bytes.
             */
            bytes_max: number;
            /** @description Whether the film's picture fits as it is, so that this takes seconds. */
            copied: boolean;
        };
        /** @description Which site. */
        OpenSite: {
            /** @description Its address: `kinora:…`. */
            address: string;
            /**
             * @description Whether the newest version is waited for. Else a version that is here is shown at once, and whoever reads it is told
             *     of a newer one.
             */
            newest?: boolean;
            /**
             * Format: int64
             * @description How long to look for it, seconds; a minute if not said.
             */
            patience_s?: number | null;
        };
        /** @description Another channel of this household. */
        OtherChannel: {
            /** @description The 52 letters of its key. */
            id: string;
            /** @description What it is called here. */
            name: string;
        };
        /** @description A file that goes out. */
        OutgoingShown: {
            /** @description What is in it. */
            facts: components["schemas"]["Facts"];
            /**
             * Format: int64
             * @description Its length, bytes.
             */
            length: number;
            /** @description `720p`. */
            quality: string;
        };
        /** @description A channel that this machine has the keys of. */
        OwnChannel: {
            /** @description What it is about. */
            about: string;
            /** @description Its address. */
            address: string;
            /** @description Where rights questions go. */
            contact: string[];
            domain: components["schemas"]["ClaimedDomain"] | null;
            /** @description The 52 letters of its key. */
            id: string;
            /** @description When that was signed (RFC 3339). */
            issued_at: string | null;
            /** @description Whether its key was replaced and followers were not told yet: publish. */
            key_unpublished: boolean;
            /** @description What is published in it. */
            kind: components["schemas"]["ChannelKind"];
            /** @description Whether its secret is locked with a passphrase. */
            locked: boolean;
            /** @description Its address as clients of mutable torrents know it (BEP 46). */
            magnet: string;
            /** @description Web servers that have a copy of it. */
            mirrors: components["schemas"]["Mirror"][];
            /** @description Whether followers know of others: publish. */
            mirrors_unpublished: boolean;
            /** @description What it is called. */
            name: string;
            /** @description Who publishes it. */
            publisher: string;
            /**
             * Format: int64
             * @description Titles and episodes in it; of a filter, its entries.
             */
            records: number;
            /**
             * Format: int64
             * @description The version of its root; each new online key is one more.
             */
            root_version: number;
            /** @description Whether its secret is on this machine; else what needs it asks for the 24 words. */
            secret: boolean;
            /** @description The address that it was handed over to: that one is published from then on. */
            successor: string | null;
            /**
             * Format: int64
             * @description The version that was published last; 0 for none.
             */
            version: number;
            /** @description Titles that wait to be published; of a filter, its entries. */
            waiting_titles: number;
            /** @description Withdrawals that wait to be published. */
            waiting_withdrawals: number;
        };
        /** @description Our own channels. */
        OwnChannelList: {
            /** @description In the order of their keys. */
            channels: components["schemas"]["OwnChannel"][];
        };
        /** @description Our own sites. */
        OwnSiteList: {
            /** @description In the order of their keys. */
            sites: components["schemas"]["OwnSiteShown"][];
        };
        /** @description A site that this machine has the keys of. */
        OwnSiteShown: {
            /** @description Its address. */
            address: string;
            /**
             * Format: int64
             * @description Bytes of all files.
             */
            bytes: number;
            /** @description Where rights questions go. */
            contact: string[];
            /** @description Files in it. */
            files: number;
            /** @description The folder that it was published from, as a whole path. */
            folder: string | null;
            /** @description The 52 letters of its key. */
            id: string;
            /** @description When that was signed (RFC 3339). */
            issued_at: string | null;
            /** @description Whether its signing key was replaced since the version that is out: it holds once the site is published again. */
            key_unpublished: boolean;
            /** @description Whether its secret is locked with a passphrase. */
            locked: boolean;
            /** @description Its address as clients of mutable torrents know it (BEP 46). */
            magnet: string;
            /** @description Web servers that have a copy of it. */
            mirrors: components["schemas"]["Mirror"][];
            /** @description Whether the next version names others than the one that is out. */
            mirrors_unpublished: boolean;
            /** @description What it is called. */
            name: string;
            /** @description Who publishes it. */
            publisher: string;
            /** @description Whether its pages have scripts of their own. */
            scripts: boolean;
            /** @description Whether its secret is on this machine; else what needs it asks for the 24 words. */
            secret: boolean;
            /** @description The address that it was handed over to. */
            successor: string | null;
            theme: components["schemas"]["ThemeShown"] | null;
            /**
             * Format: int64
             * @description The version that was published last; 0 for none.
             */
            version: number;
        };
        /** @description A picture or subtitle that waits for its title. */
        PackedFile: {
            /** @description The SHA-256 of its bytes, by which titles name it: `{"sha256": …}`. */
            sha256: string;
            /** @description The preview of a picture, base64 (thumbhash). */
            thumbhash: string | null;
        };
        /** @description Somebody who took part. */
        Person: {
            /** @description The name as credited. */
            name: string;
            /** @description What they did. */
            role: string;
        };
        /** @description What somebody wants to watch. */
        PlayRequest: {
            /** @description Codecs that the player knows (`h264`, `vp9`, `aac`…); any if not given. */
            can_play?: string[] | null;
            /** @description A title or an episode; a series stands for its next episode. */
            item_id: string;
            /**
             * Format: double
             * @description Where to start, seconds; where they stopped if not given.
             */
            position_s?: number | null;
            /** @description Which release; the best that can be played if not given. */
            release_id?: string | null;
        };
        /** @description A film that is ready to be asked for. */
        Playback: {
            /**
             * Format: double
             * @description Running time, seconds, as far as known.
             */
            duration_s: number | null;
            /** @description Of an episode, its place and name. */
            episode_label: string | null;
            /** @description The same as an absolute address, for players outside the browser. */
            external_url: string;
            /** @description Its id. */
            id: string;
            /** @description The torrent's name in hexadecimal. */
            infohash: string;
            /** @description The film, the episode, or the download's file. */
            item_id: string;
            /** @description Media type of the bytes. */
            mime: string;
            /** @description The episode after it. */
            next_item_id: string | null;
            /** @description The release that was chosen. */
            release_id: string;
            /** @description Every release of the item. */
            releases: components["schemas"]["Release"][];
            /**
             * Format: double
             * @description Where to start, seconds.
             */
            resume_s: number;
            /**
             * Format: int64
             * @description Size of the file, bytes.
             */
            size_bytes: number;
            /** @description Signed path of the bytes. */
            stream_url: string;
            /** @description Its subtitles. */
            subtitles: components["schemas"]["PlaybackSubtitle"][];
            /** @description The title's name. */
            title: string;
            /** @description The title it belongs to. */
            title_id: string;
        };
        /** @description How a playback is doing. */
        PlaybackState: {
            /**
             * Format: int32
             * @description Copies of the rarest piece among connected peers.
             */
            availability_min: number;
            /**
             * Format: int64
             * @description Bytes per second.
             */
            down_rate: number;
            /**
             * Format: int64
             * @description Bytes received since the torrent was added.
             */
            downloaded: number;
            /**
             * Format: double
             * @description Running time as the file itself says it, seconds; once its index is known.
             */
            duration_s: number | null;
            /**
             * Format: int32
             * @description Addresses known and not connected.
             */
            known_peers: number;
            /** @description The parts of the file that are here, as fractions of it. */
            on_disk: [
                number,
                number
            ][];
            /**
             * Format: int64
             * @description Bytes of the file that are here and verified.
             */
            on_disk_bytes: number;
            /**
             * Format: int32
             * @description Connected peers.
             */
            peers: number;
            reason: components["schemas"]["Reason"] | null;
            /**
             * Format: int32
             * @description Connected peers that have everything.
             */
            seeds: number;
            /**
             * Format: int64
             * @description Size of the file, bytes; 0 until known.
             */
            size_bytes: number;
            /** @description Where it stands. */
            stage: components["schemas"]["StageName"];
            swarm: components["schemas"]["SwarmSize"] | null;
            /**
             * Format: int32
             * @description Peers that let us download.
             */
            unchoked: number;
            /**
             * Format: int64
             * @description Bytes per second.
             */
            up_rate: number;
            /**
             * Format: int64
             * @description Bytes given since the torrent was added.
             */
            uploaded: number;
            /**
             * Format: int64
             * @description Bytes received twice or found wrong.
             */
            wasted: number;
            /**
             * Format: int32
             * @description Web seeds in use.
             */
            web_seeds: number;
            /**
             * Format: int64
             * @description Those of them that were found wrong, which only somebody's lie or fault explains.
             */
            wrong: number;
        };
        /** @description A subtitle with its address. */
        PlaybackSubtitle: {
            /** @description Its id. */
            id: string;
            /** @description What tells it from others of the same language. */
            label: string | null;
            /** @description Its language (BCP 47). */
            language: string;
            /** @description Signed path of its WebVTT. */
            url: string;
        };
        /** @description Where somebody is in an item. */
        Position: {
            /**
             * Format: double
             * @description How long it is, seconds.
             */
            duration_s: number;
            /**
             * Format: double
             * @description Where they are, seconds.
             */
            position_s: number;
        };
        /** @description A small picture: a part of a sheet. */
        Preview: {
            /**
             * Format: double
             * @description Until when, seconds.
             */
            end_s: number;
            /**
             * Format: int32
             * @description Height, pixels.
             */
            height: number;
            /** @description The sheet's place in the list. */
            sheet: number;
            /**
             * Format: double
             * @description From when it holds, seconds.
             */
            start_s: number;
            /**
             * Format: int32
             * @description Width, pixels.
             */
            width: number;
            /**
             * Format: int32
             * @description Left edge, pixels.
             */
            x: number;
            /**
             * Format: int32
             * @description Upper edge, pixels.
             */
            y: number;
        };
        /** @description An error as a person and a program read it (RFC 9457). */
        Problem: {
            /** @description A stable word for programs. */
            code: string;
            /** @description What exactly, in this case. */
            detail?: string | null;
            /** @description What to do next. */
            hint: string;
            /**
             * Format: int32
             * @description The HTTP status.
             */
            status: number;
            /** @description What happened. */
            title: string;
        };
        /** @description How far somebody watched. */
        Progress: {
            /**
             * Format: double
             * @description How long it is, seconds.
             */
            duration_s: number;
            /**
             * Format: double
             * @description The watched part, 0 to 1.
             */
            fraction: number;
            /** @description The film or episode. */
            item_id: string;
            /**
             * Format: double
             * @description Where they stopped, seconds.
             */
            position_s: number;
            /** @description When this was noted (RFC 3339). */
            updated_at: string;
        };
        /** @description A catalogue that names a title. */
        Provenance: {
            /** @description The 52 letters of the channel; none for a catalogue of this machine. */
            channel: string | null;
            /** @description What the catalogue is called. */
            name: string;
            /** @description Who publishes it, in their own words. */
            publisher: string;
            /** @description The title's id in it. */
            title_id: string;
        };
        /** @description What a film is published as, and where. */
        PublishRequest: {
            /** @description Whether it becomes one more title even if the channel has the film already. */
            again?: boolean;
            /** @description The channel, by the 52 letters of its key. */
            channel: string;
            /** @description What is said of the film. */
            film: components["schemas"]["FilmRecord"];
            /** @description The id of the title of this channel that is described anew with it, and keeps what is not said. */
            update?: string | null;
        };
        /** @description Which folder a site is published from. */
        PublishSiteRequest: {
            /** @description The address of a channel of ours whose titles its scripts may show; if not given, that of the last version stays. */
            channel?: string | null;
            /** @description The whole path of a folder on this machine; index.html is where the site begins, or index.md for one of Markdown. */
            folder: string;
            /** @description Whether its pages may have scripts of their own, which visitors are asked about. */
            scripts?: boolean;
            theme?: components["schemas"]["ThemeWish"] | null;
        };
        /** @description What a film became. */
        PublishedFilm: {
            /** @description The channel, by the letters of its key. */
            channel: string;
            /** @description The episode's, if the title is a series and the film one of its episodes. */
            episode?: string | null;
            /** @description The v1 infohash of its best quality. */
            infohash: string;
            /** @description Every quality with its torrent, best first. */
            releases?: components["schemas"]["PublishedQuality"][];
            /** @description The title's id in the channel. */
            title: string;
        };
        /** @description A quality of a published film. */
        PublishedQuality: {
            /** @description The torrent's v1 infohash. */
            infohash: string;
            /** @description `720p`. */
            quality: string;
        };
        /** @description A version that is signed and shared. */
        PublishedVersion: {
            /** @description The channel's address. */
            address: string;
            /** @description Nodes of the DHT that know of it: with none, followers do not find it yet. */
            copies: number;
            /** @description The v1 infohash of its head torrent. */
            infohash_v1: string | null;
            /** @description The v2 infohash of its head torrent. */
            infohash_v2: string | null;
            /**
             * Format: int64
             * @description Bytes that are new to a follower who has the version before.
             */
            new_bytes: number;
            /**
             * Format: int64
             * @description Titles and episodes in it.
             */
            records: number;
            /**
             * Format: int64
             * @description The version.
             */
            version: number;
        };
        /** @description A quality that a film can be made in. */
        Quality: {
            /**
             * Format: int32
             * @description Picture height, pixels.
             */
            height: number;
            /**
             * Format: int32
             * @description The highest rate of the picture, kbit/s.
             */
            kbit: number;
            /** @description `720p`. */
            name: string;
            /** @description Whether it is proposed. */
            suggested: boolean;
            /**
             * Format: int32
             * @description Picture width, pixels.
             */
            width: number;
        };
        /**
         * @description What is waited for.
         * @enum {string}
         */
        Reason: "metadata" | "checking" | "no_peers" | "choked" | "missing" | "fetching";
        /** @description A file that a site cannot have, or what it has not. */
        Refused: {
            /**
             * @description `path`, `kind`, `link`, `special`, `script`, `large_page`, `large_text`, `no_text`, `no_entry`, `no_first_text`,
             *     `too_many`, `too_large`, `clash` or `unreadable`.
             */
            code: string;
            /** @description Its path below the folder; empty for the folder itself. */
            path: string;
            /** @description The same as a sentence. */
            why: string;
        };
        /** @description A title or episode in one quality and language. */
        Release: {
            /** @description The audio codec. */
            audio_codec: string | null;
            /** @description Languages spoken in it (BCP 47). */
            audio_languages: string[];
            /** @description The container: `mp4`, `webm`, `matroska`. */
            container: string;
            /**
             * Format: int32
             * @description Picture height, pixels.
             */
            height: number | null;
            /** @description Its id. */
            id: string;
            /** @description The torrent's name in hexadecimal. */
            infohash: string;
            /** @description A magnet link for others: the torrent's names, trackers and web seeds. */
            magnet: string;
            /**
             * Format: int64
             * @description How much of it is here and verified, bytes.
             */
            on_disk_bytes: number;
            /** @description For people: `1080p`. */
            quality: string;
            /**
             * Format: int64
             * @description Size of the file, bytes.
             */
            size_bytes: number;
            /** @description Its subtitles. */
            subtitles: components["schemas"]["Subtitle"][];
            /** @description The video codec. */
            video_codec: string | null;
            /**
             * Format: int32
             * @description Picture width, pixels.
             */
            width: number | null;
        };
        /** @description What was looked at and what was found. */
        Report: {
            /** @description One line each. */
            findings: components["schemas"]["Finding"][];
        };
        /** @description A channel that is brought back. */
        Restoration: {
            channel: components["schemas"]["OwnChannel"] | null;
            /** @description The 52 letters of the key that was asked for. */
            id: string;
            /**
             * @description Whether the network was asked for its newest version. If not, what was here was taken: should another machine have
             *     published since, followers refuse what is published here.
             */
            newest: boolean;
            problem: components["schemas"]["Problem"] | null;
            progress: components["schemas"]["ChannelProgress"] | null;
        };
        /** @description Channels that are brought back. */
        Restorations: {
            /** @description Those that go on, and those that ended in this run and were not forgotten since. */
            restorations: components["schemas"]["Restoration"][];
        };
        /** @description What a channel or site is brought back with. */
        RestoreRequest: {
            /** @description Its address, with peers that may have it; the one that the words say if not given. */
            address?: string | null;
            /** @description Locks the secret on this disk. */
            passphrase?: string | null;
            /**
             * Format: int64
             * @description How long to look for it, seconds; three minutes if not given.
             */
            patience_s?: number | null;
            /** @description The 24 words. */
            words: string;
        };
        /** @description A site that is ours again. */
        RestoredSite: {
            /**
             * @description Whether the network was asked for its newest version. If not, what was here was taken: should another machine have
             *     published since, visitors refuse what is published here.
             */
            newest: boolean;
            /** @description It. */
            site: components["schemas"]["OwnSiteShown"];
        };
        /** @description A row of the first page. */
        Row: {
            /** @description Its id, the same at every visit. */
            id: string;
            /** @description What the message names. */
            label_args: {
                [key: string]: string;
            };
            /** @description The message that heads it (Fluent). */
            label_key: string;
            /** @description Its titles. */
            titles: components["schemas"]["Card"][];
        };
        /** @description A chapter. */
        SceneChapter: {
            /** @description Its name. */
            name: string;
            /**
             * Format: double
             * @description Where it begins, seconds.
             */
            start_s: number;
        };
        /** @description What is known of a film's time line. */
        Scenes: {
            /** @description Its chapters in order. */
            chapters: components["schemas"]["SceneChapter"][];
            /** @description Its small pictures in order. */
            previews: components["schemas"]["Preview"][];
            /** @description Signed paths of the sheets of small pictures. */
            sheets: string[];
        };
        /** @description What a search found. */
        SearchResult: {
            /** @description What was searched for instead, if the words as typed found nothing. */
            corrected: string | null;
            /** @description Titles, the best first. */
            titles: components["schemas"]["Card"][];
        };
        /** @description A season of a series. */
        Season: {
            /** @description Its episodes, in order. */
            episodes: components["schemas"]["Episode"][];
            /** @description Its own name. */
            name: string | null;
            /**
             * Format: int32
             * @description Its number; 0 holds the specials.
             */
            number: number;
        };
        /** @description Everything that can be set. */
        Settings: {
            /** @description Preferred spoken language. */
            audio_language: string | null;
            /** @description Where fetched data lies. */
            cache: components["schemas"]["Cache"];
            /** @description Consent to sharing. */
            consent: components["schemas"]["Consent"];
            /** @description Language of the page (BCP 47); empty until it was chosen, by somebody or by the first page that was opened. */
            language: string;
            /** @description How peers reach this machine. */
            network: components["schemas"]["NetworkSettings"];
            /** @description What is given back. */
            sharing: components["schemas"]["Sharing"];
            /** @description Preferred language of subtitles; `null` shows none. */
            subtitle_language: string | null;
            /** @description Colours of the page. */
            theme: components["schemas"]["Theme"];
        };
        /** @description The parts of the settings to change (JSON merge patch, RFC 7396). */
        SettingsPatch: {
            /** @description Preferred spoken language. */
            audio_language?: string | null;
            cache?: components["schemas"]["CachePatch"] | null;
            /** @description Language of the page (BCP 47). */
            language?: string | null;
            sharing?: components["schemas"]["SharingPatch"] | null;
            /** @description Preferred language of subtitles; `null` shows none. */
            subtitle_language?: string | null;
            theme?: components["schemas"]["Theme"] | null;
        };
        /** @description What is given back to the swarm. */
        Sharing: {
            /**
             * Format: int32
             * @description Download limit, KiB/s.
             */
            down_limit_kib: number | null;
            /** @description Whether to share beyond the little that playing itself needs. Never nothing while watching. */
            enabled: boolean;
            /** @description Whether to go on sharing what was watched. */
            seed_after_watching: boolean;
            /**
             * Format: double
             * @description Stop sharing at this ratio of bytes given to bytes taken.
             */
            seed_ratio_max: number | null;
            /**
             * Format: int32
             * @description Upload limit, KiB/s.
             */
            up_limit_kib: number | null;
        };
        /** @description A part of the sharing settings. */
        SharingPatch: {
            /**
             * Format: int32
             * @description As in [`Sharing`]; `null` is no limit.
             */
            down_limit_kib?: number | null;
            /** @description As in [`Sharing`]. */
            enabled?: boolean | null;
            /** @description As in [`Sharing`]. */
            seed_after_watching?: boolean | null;
            /**
             * Format: double
             * @description As in [`Sharing`]; `null` is no limit.
             */
            seed_ratio_max?: number | null;
            /**
             * Format: int32
             * @description As in [`Sharing`]; `null` is no limit.
             */
            up_limit_kib?: number | null;
        };
        /** @description The rows of a channel's first screen. */
        Shelves: {
            /** @description Rows to choose from. */
            rows: components["schemas"]["Row"][];
        };
        /** @description How publishing a site ended. */
        SiteEnd: {
            /** @description The site's address. */
            address: string;
            /** @description Nodes of the DHT that know of it: with none, visitors do not find it yet. */
            copies: number;
            /** @enum {string} */
            event: "published";
            /** @description Files in it. */
            files: number;
            /** @description The v1 infohash of its torrent. */
            infohash_v1: string | null;
            /** @description The v2 infohash of its torrent. */
            infohash_v2: string | null;
            /**
             * Format: int64
             * @description Bytes of files that the version before did not have.
             */
            new_bytes: number;
            /**
             * Format: int64
             * @description The version.
             */
            version: number;
        } | {
            /** @enum {string} */
            event: "failed";
            /** @description Why. */
            problem: components["schemas"]["Problem"];
            /** @description The files to blame, at most 20. */
            refused: components["schemas"]["Refused"][];
        };
        /** @description A line of the answer; the last one is `published` or `failed`. */
        SiteLine: components["schemas"]["SiteNews"] | components["schemas"]["SiteEnd"];
        /** @description The sites that are here. */
        SiteList: {
            /** @description In the order of their keys. */
            sites: components["schemas"]["SiteShown"][];
        };
        /** @description What is told while a site is published. */
        SiteNews: {
            /**
             * Format: int64
             * @description Their bytes.
             */
            bytes: number;
            /** @enum {string} */
            event: "reading";
            /** @description Files that were. */
            files: number;
        } | {
            /** @enum {string} */
            event: "writing";
            /** @description Files that were. */
            files: number;
            /** @description How many there are. */
            total: number;
        } | {
            /** @enum {string} */
            event: "telling";
        };
        /** @description A site that is here. */
        SiteShown: {
            /** @description Its address. */
            address: string;
            /**
             * Format: int64
             * @description Bytes of all files.
             */
            bytes: number;
            /** @description Files in it. */
            files: number;
            /** @description Of one that moved: whether this household goes along; null as long as nobody answered. */
            goes_along: boolean | null;
            /** @description The 52 letters of its key. */
            id: string;
            /** @description What it is called. */
            name: string;
            /** @description Whether its keys are on this machine. */
            own: boolean;
            /** @description Whether its pages have scripts of their own, which wait for the visitor to agree. */
            scripts: boolean;
            /** @description How it is. */
            state: components["schemas"]["SiteState"];
            /** @description The address under which it goes on, since its publisher handed it over. */
            successor: string | null;
            /** @description What a browser is sent to; null unless it is open. */
            url: string | null;
            /**
             * Format: int64
             * @description The version that is here.
             */
            version: number;
        };
        /**
         * @description How a site is.
         * @enum {string}
         */
        SiteState: "fresh" | "frozen" | "two_versions";
        /**
         * @description The order of a list.
         * @enum {string}
         */
        Sort: "popular" | "name" | "year" | "added";
        /**
         * @description Where a playback stands.
         * @enum {string}
         */
        StageName: "metadata" | "peers" | "index" | "filling" | "ready" | "stalled";
        /**
         * @description What is being done with a channel.
         * @enum {string}
         */
        Step: "searching" | "found" | "fetching" | "importing";
        /** @description A subtitle of a release. */
        Subtitle: {
            /** @description `srt`, `vtt` or `ass`. */
            format: string;
            /** @description Its id. */
            id: string;
            /** @description What tells it from others of the same language. */
            label: string | null;
            /** @description Its language (BCP 47). */
            language: string;
        };
        /** @description A subtitle that goes out with every quality. */
        SubtitleShown: {
            /** @description Its id. */
            id: string;
            /** @description What tells it from others of the same language. */
            label: string | null;
            /** @description Its language (BCP 47); `und` if nobody said it. */
            language: string;
        };
        /** @description How many take part in a swarm, as a tracker or the DHT counts them. */
        SwarmSize: {
            /**
             * Format: int32
             * @description Peers that do not.
             */
            leechers: number;
            /**
             * Format: int32
             * @description Peers that have everything.
             */
            seeds: number;
        };
        /** @description Which file of this machine. */
        TakeRequest: {
            /** @description Its whole path. */
            path: string;
        };
        /**
         * @description Colours of the page.
         * @enum {string}
         */
        Theme: "system" | "dark" | "light";
        /** @description How the texts of a site of Markdown look. */
        ThemeShown: {
            /** @description The language of the texts (BCP 47). */
            language: string;
            /** @description The colours: `paper`, `sea`, `forest`, `plum` or `ember`. */
            palette: string;
            /** @description The letters: `sans`, `serif` or `mono`. */
            typeface: string;
        };
        /** @description How its texts are to look. What is left out stays as it was in the version before. */
        ThemeWish: {
            /** @description The language of the texts (BCP 47); English if none was said. */
            language?: string | null;
            /** @description The colours: `paper`, `sea`, `forest`, `plum` or `ember`. */
            palette?: string | null;
            /** @description The letters: `sans`, `serif` or `mono`. */
            typeface?: string | null;
        };
        /** @description Everything that a title's page shows. */
        Title: components["schemas"]["Card"] & {
            /** @description The credit line that the licence asks for. */
            attribution: string;
            /** @description Signed path of the wide picture. */
            backdrop: string | null;
            /** @description Where it was made (ISO 3166-1). */
            countries: string[];
            /** @description What filters in force say of it, what hides it first. */
            filters: components["schemas"]["FilteredBy"][];
            /** @description Of a series, the episode to watch next. */
            next_episode_id: string | null;
            /** @description Its name in the language it was made in. */
            original_name: string | null;
            /** @description Who made it. */
            people: components["schemas"]["Person"][];
            /** @description The catalogues that name it: its own first, then those with the same torrents. */
            provenance: components["schemas"]["Provenance"][];
            /** @description Who published it. */
            publisher: string;
            /** @description What can be played; empty for series. */
            releases: components["schemas"]["Release"][];
            /** @description Seasons of a series. */
            seasons: components["schemas"]["Season"][];
            /** @description Whether somebody here wants to see it whatever they say. */
            shown_anyway: boolean;
            /** @description Where the licence can be checked. */
            source: string;
            /** @description What it is about. */
            synopsis: string | null;
            /** @description Whether its publisher took it back. */
            withdrawn: boolean;
        };
        /** @description A page of a list. */
        TitleList: {
            /** @description The cards of this page. */
            titles: components["schemas"]["Card"][];
            /**
             * Format: int64
             * @description How many titles match.
             */
            total: number;
        };
        /** @description A title of a list. */
        TitleOfList: {
            /** @description Whether the list gives it its id; another one is made of what it is called. */
            has_own_id?: boolean;
            /**
             * Format: int64
             * @description The line that it begins in.
             */
            line: number;
            /** @description What is said of it, as in a catalogue file. */
            record: Record<string, never>;
        };
        /** @description Opens a secret. */
        Unlocking: {
            /** @description The passphrase, if it is locked. */
            passphrase?: string | null;
            /** @description The 24 words in its place, for a secret that was taken off this machine. */
            words?: string | null;
        };
        /** @description What is said of a channel for which another vouches. */
        VouchRequest: {
            /** @description What it is about; what it says itself if not given. */
            about?: string | null;
            /** @description The language of both (BCP 47); English if not given. */
            language?: string | null;
            /** @description The languages of its films (BCP 47). */
            languages?: string[];
            /** @description What it is called; what it calls itself if not given. */
            name?: string | null;
        };
        /** @description A channel for which an own one vouches. */
        VouchedChannel: {
            /** @description What is said that it is about. */
            about: string;
            /** @description Its address. */
            address: string;
            /** @description The 52 letters of its key. */
            id: string;
            /** @description The languages of its films (BCP 47). */
            languages: string[];
            /** @description What is said that it is called. */
            name: string;
        };
        /** @description The channels for which an own channel vouches. */
        VouchedChannels: {
            /** @description All of them, in the order of the list that followers get. */
            channels: components["schemas"]["VouchedChannel"][];
            /** @description Whether followers have another list: publish. */
            unpublished: boolean;
        };
        /** @description How many channels an own channel vouches for. */
        Vouches: {
            /** @description From its next version on. */
            vouches_for: number;
        };
        /** @description A title or withdrawal that waits. */
        Waiting: {
            /** @description The title's id, as its publisher wrote it. */
            id: string;
            /** @description Its name; empty for a withdrawal. */
            name: string;
        };
        /** @description Which title is taken back, and why. */
        WithdrawalRequest: {
            /** @description The title's id, as the publisher wrote it. */
            id: string;
            /** @description One torrent of several: its v1 infohash, or the first 40 digits of its v2 one. */
            infohash?: string | null;
            /** @description A note for viewers, in English. */
            note?: string | null;
            /** @description `licence`, `rights`, `wrong_file`, `malware`, `privacy` or `superseded`. */
            reason: string;
        };
        /** @description The words that those on paper are taken from. */
        WordList: {
            /** @description All 2048 (BIP 39, English), in the order of the alphabet; four letters tell each from every other. */
            words: string[];
        };
        /** @description Which channel the words bring back. */
        WordsRead: {
            /** @description The address that it had from the beginning. */
            address: string;
            /** @description The 52 letters of its first key. */
            id: string;
            /** @description Whether this machine has its keys already. */
            own: boolean;
            /**
             * Format: int64
             * @description The version that is here; 0 for none.
             */
            version: number;
        };
        /** @description Words on paper. */
        WordsRequest: {
            /** @description The 24 words, separated by spaces or lines. */
            words: string;
        };
        /** @description What is being done with a film. */
        Work: {
            /**
             * Format: double
             * @description How much of all is done, 0 to 1.
             */
            done: number;
            /** @description Qualities that were made before Kinora ended, and are not made again. */
            kept: string[];
            /**
             * Format: int64
             * @description About how long the rest takes, seconds.
             */
            left_s: number | null;
            /** @description The quality that is being made. */
            quality: string | null;
            /** @enum {string} */
            stage: "converting";
            /** @description What is being done. */
            step: components["schemas"]["ConversionStep"];
        } | {
            /**
             * Format: int64
             * @description Bytes that were read.
             */
            done_bytes: number;
            /** @enum {string} */
            stage: "hashing";
            /**
             * Format: int64
             * @description Bytes to read.
             */
            total_bytes: number;
        } | {
            /** @enum {string} */
            stage: "publishing";
        } | {
            /** @enum {string} */
            stage: "there";
            /** @description The titles that have it. */
            titles: components["schemas"]["FilmThere"][];
        } | {
            /** @description Why. */
            problem: components["schemas"]["Problem"];
            /** @enum {string} */
            stage: "failed";
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    blocked: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Blocked"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_blocked: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                title_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clear_blocked: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                title_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_address: {
        parameters: {
            query: {
                /** @description What somebody pasted. */
                text: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddressRead"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    channels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    follow_channel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FollowRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unfollow_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apply_filter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apply_filter_no_more: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    block_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    unblock_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgive_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    name_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NameRequest"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    refresh_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    shelves: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Shelves"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ask_domain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    consent: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConsentRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    doctor: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Report"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Downloads"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DownloadRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove: {
        parameters: {
            query?: {
                /** @description Whether the files are deleted too; if not, they stay in the cache. */
                delete_files?: boolean;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DownloadPatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Event"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    facets: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Facets"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_favourite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                title_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clear_favourite: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                title_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    found_channels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundChannels"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    home: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Home"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    licences: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Licences"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    masters: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    take_master: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    receive_master: {
        parameters: {
            query: {
                /** @description Its name. */
                name: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hold_master: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["TakeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": components["schemas"]["HeldLine"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    master: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_master: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offer: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Offer"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    convert_master: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Choice"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_conversion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    frames: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Frames"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    choose_frame: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FrameChoice"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_poster: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    publish_master: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublishRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_subtitle: {
        parameters: {
            query: {
                /** @description Its name, which may say its language: `film.fr.srt`. */
                name: string;
                /** @description Its language (BCP 47). */
                language?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_subtitle: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                subtitle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MasterShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    network: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Network"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    own_channels: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannelList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_channel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannelRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    own_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    export_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    claim_domain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ask_own_domain: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    channel_draft: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Draft"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    take_out: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description The title's id as its publisher wrote it */
                title: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    entries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Entries"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_entries: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["EntriesRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedEntries"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    take_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                /** @description `poster`, `backdrop`, `still` or `subtitle` */
                sort: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/octet-stream": number[];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackedFile"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hand_over: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Unlocking"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    import_list: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ListRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": components["schemas"]["ImportLine"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    marks: {
        parameters: {
            query?: {
                /** @description Words that what is known of an entry has, or a part of its hash. */
                q?: string;
                /** @description How many are passed over. */
                offset?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EntryList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_mirror: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MirrorRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_mirror: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MirrorRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lock_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    publish_channel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PublishedVersion"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_key: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Unlocking"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WordsRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_titles: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": Record<string, never>;
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedTitles"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    vouches: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["VouchedChannels"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    vouch: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VouchRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Vouches"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    vouch_no_more: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                channel: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    withdraw_title: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WithdrawalRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnChannel"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    own_sites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    create_site: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewChannelRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedSite"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore_site: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoredSite"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hand_over_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Unlocking"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    add_site_mirror: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MirrorRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_site_mirror: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MirrorRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    lock_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LockRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    publish_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PublishSiteRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jsonl": components["schemas"]["SiteLine"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    rotate_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Unlocking"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    remove_site_secret: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WordsRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OwnSiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    play: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PlayRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Playback"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    state: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PlaybackState"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    end: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    scenes: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Scenes"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_progress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Position"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clear_progress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    word_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WordList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    read_words: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["WordsRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WordsRead"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restorations: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Restorations"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restore_channel: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRequest"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Restoration"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    restoration_state: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of the key that was asked for */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Restoration"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stop_restoring: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    search: {
        parameters: {
            query: {
                /** @description What was typed so far. */
                q: string;
                /** @description How many titles, at most 100; 20 if not given. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SearchResult"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    settings: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    patch: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SettingsPatch"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Settings"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    sites: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    open_site: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["OpenSite"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forget_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The 52 letters of its key */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    forgive_site: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SiteShown"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    go_along: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GoAlong"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    ask_again: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    titles: {
        parameters: {
            query?: {
                /** @description `film`, `series`, `short`, `concert`, `performance`, `lecture` or `newsreel`. */
                kind?: string;
                /** @description The 52 letters of a channel: only its titles. */
                channel?: string;
                /** @description A genre. */
                genre?: string;
                /** @description A language spoken in a release. */
                language?: string;
                /** @description A language of subtitles. */
                subtitle?: string;
                /** @description A licence (SPDX). */
                licence?: string;
                /** @description A quality, as `1080p`. */
                quality?: string;
                /** @description A decade, by its first year. */
                decade?: number;
                /** @description Only favourites, or only others. */
                favourite?: boolean;
                /** @description Only what was watched, or only what was not. */
                watched?: boolean;
                /** @description The order. */
                sort?: components["schemas"]["Sort"];
                /** @description How many, at most 500; 50 if not given. */
                limit?: number;
                /** @description How many to skip. */
                offset?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TitleList"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    title: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A title's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Title"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_anyway: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A title's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    show_anyway_no_more: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    hand_in: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["MagnetRequest"];
                "application/x-bittorrent": number[];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Download"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    play_file: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["FileRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Playback"];
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    set_watched: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    clear_watched: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                item_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    picture: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A signed word */
                signed: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A WebP picture */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "image/webp": unknown;
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    stream: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A signed word */
                signed: string;
                /** @description Any name */
                name: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The whole file */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The part that Range asked for */
            206: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The file has no such part */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    subtitle_text: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description A signed word and `.vtt` */
                signed: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description WebVTT */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/vtt": unknown;
                };
            };
            /** @description What went wrong and what to do next */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
