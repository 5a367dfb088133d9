//! The frame around a site: whose it is, what it may do, and nothing that it could draw over.

use catalogue::channel::{Address, Freshness, Level};
use channels::Visited;
use html_escape::encode_safe;

/// The frame's own style.
pub(super) const STYLE: &str = include_str!("frame.css");
/// Its one script, which asks whether a newer version waits, and hands scripts of the site the port by which they may ask for
/// titles. Without it a newer version is told when the frame is loaded again.
pub(super) const SCRIPT: &str = include_str!("frame.js");

/// What the frame shows besides the site.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub(super) visited: &'a Visited,
    /// Where its pages are.
    pub(super) origin: String,
    /// The path of the page inside.
    pub(super) path: &'a str,
    /// Whether its scripts run.
    pub(super) scripts: Scripts,
    /// What a button of ours proves itself with.
    pub(super) token: &'a str,
    /// What the browser's languages are.
    pub(super) languages: &'a str,
    /// How the site that this one was handed over to is reached.
    pub(super) leads: Leads,
    /// Whether a newer version waits.
    pub(super) newer: bool,
}

/// How the site that a site was handed over to is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leads {
    /// By its address alone.
    Nowhere,
    /// By a button.
    On,
    /// By a button that was pressed in vain.
    Missed,
}

/// Whether a site's scripts run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    /// It has none.
    None,
    /// It has some, and nobody agreed.
    Asked,
    /// It changed since somebody agreed.
    AskedAgain,
    /// They run.
    Run,
}

/// The sentences, in one language.
pub(super) struct Words {
    pub(super) language: &'static str,
    by: &'static str,
    about: &'static str,
    address: &'static str,
    version: &'static str,
    contact: &'static str,
    carried: &'static str,
    drawn: &'static str,
    no_scripts: &'static str,
    wants_scripts: &'static str,
    changed: &'static str,
    scripts_run: &'static str,
    agree: &'static str,
    stop: &'static str,
    silent: &'static str,
    halted: &'static str,
    skip: &'static str,
    moved: &'static str,
    go_there: &'static str,
    stay: &'static str,
    missed: &'static str,
    pub(super) leave: &'static str,
    pub(super) leave_web: &'static str,
    pub(super) leave_kinora: &'static str,
    pub(super) leave_copy: &'static str,
    pub(super) leave_open: &'static str,
    pub(super) leave_back: &'static str,
    newer: &'static str,
    show: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    by: "by",
    about: "About this site",
    address: "Address",
    version: "Version",
    contact: "Rights questions",
    carried: "It has no server: everybody who visits it keeps it alive, and so do you while this window is open.",
    drawn: "It is plain text: Kinora itself drew its pages. Nothing in them can act or load anything from elsewhere.",
    no_scripts: "Its pages are text, pictures and style. They can neither run scripts nor load anything from elsewhere.",
    wants_scripts: "This site wants to run scripts. They can reach nothing but the site itself; but in an ordinary \
        browser WebRTC and connecting ahead of time cannot be forbidden, so that a script could tell others your \
        IP address and what you do here.",
    changed: "This site changed since you let its scripts run. They wait until you agree again.",
    scripts_run: "Scripts of this site run, because you agreed. WebRTC and connecting ahead of time cannot be \
        forbidden in an ordinary browser.",
    agree: "Let its scripts run",
    stop: "Stop its scripts",
    silent: "Nothing was heard of its publisher for a long time. What you see may be old.",
    halted: "Its publisher signed two different versions. Somebody may have stolen the key; updates stand still.",
    skip: "Skip to the text",
    moved: "Its publisher has handed this site over to a new address, which was promised from the beginning. Nothing new \
        comes to this one.",
    go_there: "Open it there",
    stay: "Stay here, and do not ask again",
    missed: "It was not found there. Try again when its publisher or a visitor is online.",
    leave: "This link leads out of the site",
    leave_web: "A web server is there. Whoever runs it sees your IP address and that you come, but not from where. Nothing is \
        sent before you open it.",
    leave_kinora: "It opens in Kinora, where you are told what it is before anything is fetched.",
    leave_copy: "Copy this address, and paste it into the search of Kinora.",
    leave_open: "Open it in a new tab",
    leave_back: "Back to the site",
    newer: "A newer version of this site has come. What you read stays as it is until you want to see it.",
    show: "Show the newer version",
};

const FRENCH: Words = Words {
    language: "fr",
    by: "par",
    about: "À propos de ce site",
    address: "Adresse",
    version: "Version",
    contact: "Questions de droits",
    carried: "Il n’a pas de serveur : ceux qui le visitent le gardent en vie, et vous aussi tant que cette fenêtre est \
        ouverte.",
    drawn: "Ce n’est que du texte : c’est Kinora qui a dessiné ses pages. Rien n’y peut agir ni charger quoi que ce soit \
        d’ailleurs.",
    no_scripts: "Ses pages sont du texte, des images et du style. Elles ne peuvent ni exécuter de scripts ni charger \
        quoi que ce soit d’ailleurs.",
    wants_scripts: "Ce site veut exécuter des scripts. Ils n’atteignent que le site lui-même ; mais un navigateur \
        ordinaire ne peut interdire ni WebRTC ni les connexions anticipées : un script pourrait révéler votre adresse \
        IP et ce que vous faites ici.",
    changed: "Ce site a changé depuis que vous avez autorisé ses scripts. Ils attendent votre nouvel accord.",
    scripts_run: "Les scripts de ce site s’exécutent, avec votre accord. Un navigateur ordinaire ne peut interdire ni \
        WebRTC ni les connexions anticipées.",
    agree: "Autoriser ses scripts",
    stop: "Arrêter ses scripts",
    silent: "Aucune nouvelle de son éditeur depuis longtemps. Ce que vous voyez est peut-être ancien.",
    halted: "Son éditeur a signé deux versions différentes. La clé a peut-être été volée ; les mises à jour sont \
        suspendues.",
    skip: "Aller au texte",
    moved: "Son éditeur a transféré ce site à une nouvelle adresse, promise depuis le début. Plus rien de nouveau \
        n’arrive à celle-ci.",
    go_there: "L’ouvrir là-bas",
    stay: "Rester ici, sans me le redemander",
    missed: "Il n’y a pas été trouvé. Réessayez quand son éditeur ou un visiteur est en ligne.",
    leave: "Ce lien mène hors du site",
    leave_web: "Un serveur web s’y trouve. Qui le tient voit votre adresse IP et votre venue, mais pas d’où vous venez. Rien \
        n’est envoyé avant que vous l’ouvriez.",
    leave_kinora: "Il s’ouvre dans Kinora, où l’on vous dit ce que c’est avant de prendre quoi que ce soit.",
    leave_copy: "Copiez cette adresse, et collez-la dans la recherche de Kinora.",
    leave_open: "L’ouvrir dans un nouvel onglet",
    leave_back: "Retour au site",
    newer: "Une version plus récente de ce site est arrivée. Ce que vous lisez reste tel quel jusqu’à ce que vous vouliez \
        la voir.",
    show: "Afficher la version plus récente",
};

/// Our words in the first of a browser's languages.
pub(super) fn words(languages: &str) -> &'static Words {
    let first = languages.split([',', ';', '-']).next().unwrap_or_default().trim();
    if first.eq_ignore_ascii_case("fr") { &FRENCH } else { &ENGLISH }
}

/// What leads over the navigation of a text, and its language.
pub(super) fn skip(languages: &str) -> (&'static str, &'static str) {
    let words = words(languages);
    (words.skip, words.language)
}

impl Frame<'_> {
    fn words(&self) -> &'static Words {
        words(self.languages)
    }

    /// The page.
    pub(super) fn html(&self) -> String {
        let (words, site) = (self.words(), &self.visited.site);
        let name = site.name.pick(&[words.language]).unwrap_or_default();
        let (name, publisher) = (encode_safe(name), encode_safe(&*site.publisher));
        let (rights, port) = match self.scripts {
            Scripts::Run => {
                let port = format!(" data-port=\"{}\"", encode_safe(&self.origin));
                ("allow-scripts allow-same-origin", port)
            }
            _ => ("allow-same-origin", String::new()),
        };
        // For the page that leads out: those of the site have policies of their own that take this away again.
        let rights = format!("{rights} allow-popups allow-popups-to-escape-sandbox");
        // The script stands before the page inside, whose load it has to see.
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{name}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <link rel=\"stylesheet\" href=\"/.frame.css\"></head><body><header><p><strong dir=\"auto\">{name}</strong> \
             <span dir=\"auto\">{} {publisher}</span></p>{}</header>{}\
             <script src=\"/.frame.js\"></script><iframe title=\"{name}\" src=\"{}{}\" sandbox=\"{rights}\"{port} referrerpolicy=\"no-referrer\"></iframe>\
             </body></html>",
            words.language,
            words.by,
            self.about(),
            self.notices(),
            encode_safe(&self.origin),
            encode_safe(self.path),
        )
    }

    fn about(&self) -> String {
        let (words, site) = (self.words(), &self.visited.site);
        let address = Address::new(self.visited.key).to_string();
        let contacts: Vec<_> =
            site.contact.iter().map(|contact| encode_safe(&**contact).into_owned()).collect();
        let kind = match site.level {
            Level::Text(_) => words.drawn,
            Level::Static => words.no_scripts,
            Level::Script => "",
        };
        format!(
            "<details><summary>{}</summary><dl><dt>{}</dt><dd><code>{}</code></dd><dt>{}</dt><dd>{}</dd>\
             <dt>{}</dt><dd dir=\"auto\">{}</dd></dl><p>{}</p><p>{kind}</p></details>",
            words.about,
            words.address,
            encode_safe(&address),
            words.version,
            site.version,
            words.contact,
            contacts.join(", "),
            words.carried,
        )
    }

    fn notices(&self) -> String {
        let words = self.words();
        let mut notices = self.news();
        if self.visited.is_halted {
            notices.push_str(&format!("<p class=\"bad\" role=\"alert\">{}</p>", words.halted));
        } else if matches!(self.visited.freshness, Freshness::SilentSince(_)) {
            notices.push_str(&format!("<p class=\"notice\">{}</p>", words.silent));
        }
        notices.push_str(&self.moved());
        let (sentence, button, agree) = match self.scripts {
            Scripts::None => return notices,
            Scripts::Asked => (words.wants_scripts, words.agree, "1"),
            Scripts::AskedAgain => (words.changed, words.agree, "1"),
            Scripts::Run => (words.scripts_run, words.stop, "0"),
        };
        notices.push_str(&format!(
            "<form class=\"notice\" method=\"post\" action=\"/.scripts\"><p>{sentence}</p>\
             <input type=\"hidden\" name=\"token\" value=\"{}\"><button name=\"agree\" value=\"{agree}\">{button}\
             </button></form>",
            encode_safe(self.token),
        ));
        notices
    }

    /// A newer version that waits: the place is there before it comes, so that it is read aloud when it does.
    fn news(&self) -> String {
        let words = self.words();
        format!(
            "<div role=\"status\" id=\"newer\"><form class=\"notice\" method=\"post\" action=\"/.newer?{}\"{}>\
             <p>{}</p><input type=\"hidden\" name=\"token\" value=\"{}\"><button>{}</button></form></div>",
            encode_safe(self.path),
            if self.newer { "" } else { " hidden" },
            words.newer,
            encode_safe(self.token),
            words.show,
        )
    }

    /// Where the site goes on, if its publisher handed it over: nobody is led there unasked.
    fn moved(&self) -> String {
        let words = self.words();
        let Some(next) = self.visited.successor else { return String::new() };
        let address = Address::new(next).to_string();
        let sentence = format!("<p>{} <code>{}</code></p>", words.moved, encode_safe(&address));
        if self.leads == Leads::Nowhere {
            return format!("<div class=\"notice\" role=\"status\">{sentence}</div>");
        }
        let missed = match self.leads {
            Leads::Missed => format!("<p role=\"alert\">{}</p>", words.missed),
            Leads::Nowhere | Leads::On => String::new(),
        };
        format!(
            "<form class=\"notice\" method=\"post\" action=\"/.move\">{sentence}{missed}\
             <input type=\"hidden\" name=\"token\" value=\"{}\"><button name=\"go\" value=\"1\">{}</button> \
             <button name=\"go\" value=\"0\">{}</button></form>",
            encode_safe(self.token),
            words.go_there,
            words.stay,
        )
    }
}
