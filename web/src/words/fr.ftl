# Toutes les phrases de la page, en français.

## Le cadre

nav = Lieux
nav-home = Accueil
nav-films = Films
nav-series = Séries
nav-shorts = Courts
nav-all = Tous les titres
nav-library = Bibliothèque
nav-downloads = Transferts
nav-settings = Réglages
skip-to-content = Aller au contenu
loading = Chargement…
close = Fermer
open = Ouvrir
back = Retour
undo = Annuler
saved = Enregistré
copied = Copié
further = Autres pages
try-again = Réessayer

## Chercher et parcourir

search = Rechercher
search-placeholder = Titres et personnes
search-for = Résultats pour « { $words } »
search-start = Qu’aimeriez-vous regarder ?
search-start-hint = Tapez un titre, un nom ou une année. Une lettre de trop ou de moins ne gêne pas.
search-none = Rien trouvé pour « { $words } »
search-best = Les { $count } titres qui correspondent le mieux
search-none-hint = Essayez moins de mots ou une autre orthographe, ou parcourez tous les titres.
search-corrected = Chercher plutôt « { $words } »
search-results = Résultats de la recherche
see-all = Tout voir
row-earlier = Titres précédents
row-later = Titres suivants
row-continue = Reprendre
row-recently-added = Nouveautés
row-popular = Pour une belle soirée
row-films = Films
row-series = Séries
row-shorts = Courts métrages
row-concerts = Concerts
row-performances = Sur scène
row-lectures = Conférences
row-newsreels = Actualités filmées
row-favourites = Vos favoris
row-genre = { $genre }
row-language = En { $language }
row-decade = Des années { $decade }
row-watched = Vus
row-unwatched = Pas encore vus
home-empty = Rien ici pour l’instant
home-empty-hint = Dès que Kinora connaît des titres, ils apparaissent ici. Vous pouvez aussi ouvrir un lien magnet ou un fichier .torrent : déposez-le n’importe où sur cette page.
filters = Filtres
filter-any = Indifférent
filter-clear = Effacer les filtres
filter-kind = Sorte
filter-genre = Genre
filter-decade = Années
filter-language = Langue parlée
filter-subtitle = Sous-titres
filter-licence = Licence
filter-unseen = Pas encore vus
filter-said-subtitle = sous-titres : { $language }
decade = Années { $year }
sort = Trier par
sort-popular = Popularité
sort-added = Plus récents ici
sort-year = Année
sort-name = Nom
title-count =
    { $count ->
        [0] Aucun titre
        [one] { $count } titre
       *[other] { $count } titres
    }
browse-none = Aucun titre ne correspond à tous ces filtres
browse-none-hint = Enlevez-en un et regardez à nouveau.
kind-film = Film
kind-series = Série
kind-short = Court métrage
kind-concert = Concert
kind-performance = Spectacle
kind-lecture = Conférence
kind-newsreel = Actualités filmées
card-menu = Autres actions pour { $name }
card-watched = Vu
card-played = { $percent } regardés
card-subtitles = sous-titres : { $languages }

## Ce qu’on peut faire

action-play = Lire
action-resume = Reprendre
action-details = Détails
action-favourite = Ajouter aux favoris
action-unfavourite = Retirer des favoris
action-watched = Marquer comme vu
action-unwatched = Marquer comme non vu
action-forget = Retirer de « Reprendre »
action-hide = Masquer ce titre
hidden-notice = « { $name } » est masqué.
play-quality = Lire · { $quality }
play-resume = Reprendre à { $time }
play-from-start = Depuis le début
play-episode = Lire S{ $season } É{ $number }
play-episode-resume = Reprendre S{ $season } É{ $number } à { $time }
download-started = Le téléchargement a commencé.
copy-magnet = Copier le lien magnet en { $quality }
magnet-copied = Copié. Qui ouvre ce lien trouve le même film.
download-quality = Télécharger en { $quality }, { $size }

## Un titre

original-name = Titre original : { $name }
title-withdrawn = L’éditeur a retiré ce titre. Ce qui est sur votre disque reste à vous.
season = Saison { $number }
season-watched = Marquer la saison comme vue
season-unwatched = Marquer la saison comme non vue
seasons = Saisons
season-count =
    { $count ->
        [one] { $count } saison
       *[other] { $count } saisons
    }
episodes = Épisodes
episode-short = S{ $season } É{ $number }
next-up = À suivre
versions = Versions
on-disk = { $percent } sur le disque
people = Personnes
role-director = Réalisation
role-writer = Scénario
role-producer = Production
role-actor = Interprétation
role-cast = Distribution
role-composer = Musique
role-cinematographer = Image
role-editor = Montage
role-animator = Animation
languages = Langues
audio = Son
subtitles = Sous-titres
no-subtitles = Pas de sous-titres
none-stated = Non indiqué
provenance = D’où il vient
provenance-why = Vous pouvez le regarder et le partager, car il est sous { $licence }.
licence = Licence
attribution = Attribution
copy-attribution = Copier l’attribution
publisher = Éditeur
source = Source
provenance-technical = Pour d’autres logiciels BitTorrent
infohash = Infohash

## Genres

genre-action = Action
genre-adventure = Aventure
genre-animation = Animation
genre-comedy = Comédie
genre-crime = Policier
genre-documentary = Documentaire
genre-drama = Drame
genre-experimental = Expérimental
genre-family = Famille
genre-fantasy = Fantastique
genre-history = Histoire
genre-horror = Horreur
genre-music = Musique
genre-mystery = Mystère
genre-romance = Romance
genre-science = Science
genre-science-fiction = Science-fiction
genre-silent = Muet
genre-thriller = Thriller
genre-war = Guerre
genre-western = Western

## Le lecteur

player = Lecteur
playing = Lecture
paused = En pause
pause = Pause
replay = Revoir
player-play-pause = Lecture ou pause
seek = Position
skip-back = Reculer de 10 secondes
skip-ahead = Avancer de 10 secondes
time-played = Temps écoulé
time-left = Temps restant
corner = Regarder dans un coin
corner-leave = Revenir au film
corner-stop = Arrêter la lecture
seek-at = { $time } sur { $total }
plays-at-once = lecture immédiate
fetched-first = à aller chercher
volume = Volume
volume-now = Volume { $percent }
mute = Couper le son
unmute = Remettre le son
muted = Son coupé
fullscreen = Plein écran
leave-fullscreen = Quitter le plein écran
picture-in-picture = Image dans l’image
speed = Vitesse
speed-now = Vitesse { $rate }×
speed-normal = Normale
quality = Qualité
stats = Ce qui se passe
next-episode = Épisode suivant
no-next = Il n’y a pas d’épisode suivant
no-previous = Il n’y a pas d’épisode précédent
next-in =
    { $seconds ->
        [0] À suivre
        [one] Suite dans { $seconds } seconde
       *[other] Suite dans { $seconds } secondes
    }
play-now = Lire maintenant
no-thanks = Non merci
audio-only-one = Ce film n’a qu’une piste sonore
subtitles-on = Sous-titres affichés
subtitles-off = Sans sous-titres
subtitles-failed = Les sous-titres en { $language } n’ont pas pu être obtenus
subtitle-own-file = Utiliser votre propre fichier…
subtitle-file-added = Sous-titres de { $name }
subtitle-file-unreadable = { $name } ne contient pas de sous-titres lisibles : SRT, VTT et ASS conviennent
subtitle-delay = Décalage
delay-now = Sous-titres décalés de { $seconds } s
earlier = Plus tôt
later = Plus tard
seconds = { $seconds } s
subtitle-size = Taille des sous-titres
subtitle-size-now = Sous-titres { $percent }
smaller = Plus petit
larger = Plus grand
subtitle-background = Aspect des sous-titres
subtitle-outline = Contour
subtitle-box = Fond sombre
subtitle-plain = Simple
subtitle-sample = Voici à quoi ils ressemblent.
stages = Étapes jusqu’à la première image
stage-metadata = Lecture du torrent
stage-peers = Recherche de pairs
stage-index = Lecture de l’index
stage-filling = Remplissage
stage-starting = Démarrage
reason-opening = Ouverture…
reason-metadata = Nous demandons à d’autres ce que contient ce torrent.
reason-checking = Vérification de ce qui est déjà sur votre disque.
reason-no-peers = Personne qui ait ce film n’est encore joignable. Nous continuons à chercher.
reason-choked = { $peers ->
        [one] { $peers } pair est là mais occupé avec d’autres. Notre tour viendra.
       *[other] { $peers } pairs sont là mais occupés avec d’autres. Notre tour viendra.
    }
reason-missing = Personne de joignable n’a cette partie du film en ce moment.
reason-fetching = Nous allons chercher la suite.
lower-quality = Lire plutôt en { $quality }
keep-waiting = Continuer d’attendre
needs-click = Votre navigateur attend que vous lanciez la lecture.
peer-count =
    { $count ->
        [one] { $count } pair
       *[other] { $count } pairs
    }
picture = Image
buffer-ahead = D’avance
frames = Images
frames-dropped = { $dropped } perdues sur { $total }
peers = Pairs
peers-line = { $peers } connectés, { $seeds } complets{ $known ->
    [0] {""}
   *[other] , { $known } connus
 }
in-swarm = En tout
swarm-line = { $seeds } complets, { $leechers } en cours
# In a list of facts about a download: how many others have all of it, and how many are on their way.
swarm-has = { $seeds ->
    [one] { $seeds } copie complète
   *[other] { $seeds } copies complètes
 } à disposition
sending-to-us = Nous envoient
senders-line = { $unchoked } { $unchoked ->
    [one] pair
   *[other] pairs
 }{ $web ->
    [0] {""}
    [one] , 1 serveur web
   *[other] , { $web } serveurs web
 }
receiving = Réception
giving = Envoi
received = Reçu
given = Donné
wasted = Reçu en vain
wrong = Reconnu faux
on-disk-name = Sur le disque
availability = Copies alentour
trouble = « { $name } » ne peut pas être montré ici
trouble-no-picture = Votre navigateur joue le son, mais n’a pas de décodeur pour l’image ({ $codec }).
trouble-no-sound = Votre navigateur montre l’image, mais n’a pas de décodeur pour le son ({ $codec }).
trouble-unsupported = Votre navigateur ne sait pas lire ce genre de fichier.
trouble-interrupted = La connexion à Kinora s’est interrompue. Vérifiez qu’il tourne encore, puis réessayez.
trouble-outside = mpv et VLC savent le lire : copiez l’adresse et ouvrez-la là-bas. Elle ne marche que sur cet ordinateur.
copy-address = Copier l’adresse pour mpv ou VLC
try-quality = Essayer { $quality }
go-on-anyway = Continuer quand même

## Les torrents d’ailleurs

add-torrent = Ouvrir un torrent
add-hint = Collez un lien magnet ou choisissez un fichier .torrent. Vous pouvez aussi déposer l’un ou l’autre n’importe où sur la page.
add-busy = Nous demandons à d’autres ce que contient ce torrent…
add-choose-file = Quel fichier ?
add-files-later = Personne ne nous a encore dit ce qu’il contient. Il attend dans Transferts et pourra être lu dès que nous le saurons.
add-nothing-playable = Ce torrent ne contient aucun film que nous sachions lire.
add-not-a-magnet = Ce n’est pas un lien magnet. Il commence par magnet:?xt=urn:btih: ou urn:btmh:.
add-not-a-torrent = Ce n’est pas un fichier .torrent. Choisissez-en un dont le nom finit par .torrent.
add-too-large = Ce fichier dépasse la taille que nous acceptons pour un torrent (10 Mo).
magnet-link = Lien magnet
choose-file = Choisir un fichier…
drop-here = Déposez-le ici pour le regarder

## Bibliothèque et téléchargements

library-empty = Votre bibliothèque est vide
library-empty-hint = Les titres marqués d’un cœur, commencés ou terminés se retrouvent ici.
library-kept = Favoris
library-seen = Vus
downloads-empty = Aucun téléchargement
downloads-empty-hint = Ce que vous regardez reste de lui-même un moment en cache. Pour garder un titre, choisissez la flèche à côté d’une de ses versions.
download-queued = En attente
download-fetching = Téléchargement
download-checking = Vérification
download-done = Terminé
download-paused = En pause
download-failed = Échec
download-pause = Mettre en pause
download-resume = Reprendre
download-pin = Garder : ne jamais l’effacer pour faire de la place
download-remove = Retirer
download-remove-ask = Retirer « { $name } » de la liste seulement, ou effacer aussi ses fichiers ?
download-remove-list = De la liste seulement
download-remove-files = Effacer les fichiers
bytes-of = { $done } sur { $total }
file-count =
    { $count ->
        [one] { $count } fichier
       *[other] { $count } fichiers
    }
ratio = ratio { $ratio }

## Le partage : la première page, et celle du réseau

welcome-title = Un cinéma qui appartient à son public
welcome-lead = Kinora va chercher les films auprès de ceux qui les regardent, avec BitTorrent. Avant le premier, voici ce qu’il faut savoir.
welcome-share = En regardant, vous partagez
welcome-share-text = Les parties d’un film qui vous parviennent sont transmises à d’autres qui le regardent : rien d’autre sur votre ordinateur ne l’est. C’est ce qui garde les films vivants, et rapides.
welcome-visible = Votre adresse est visible
welcome-visible-text = Tous ceux qui partagent le même film peuvent voir votre adresse IP et de quel film il s’agit. BitTorrent fonctionne ainsi ; Kinora ne vous en cache rien.
welcome-lawful = Ce que vous trouvez ici est libre de partage
welcome-lawful-text = Chaque titre montré par Kinora porte une licence qui le permet. De ce que vous ouvrez vous-même, vous répondez vous-même.
welcome-accept = J’ai compris, commençons
welcome-refuse = Rien n’est envoyé ni reçu avant votre accord. Sinon, fermez cette page : il ne s’est rien passé.
sharing = Partage
settings-sharing-text = Ce que vous donnez en regardant garde les films à la portée de tous.
sharing-enabled = Partager généreusement
sharing-enabled-hint = Désactivé, seul le peu qu’exige la lecture est partagé.
up-limit = Envoi, au plus
up-limit-hint = La vidéo sur votre ligne passe toujours en premier.
down-limit = Réception, au plus
no-limit = Sans limite
kib-per-second = { $kib } Kio/s
seed-after = Continuer à partager après la lecture
seed-after-hint = Tant que le film reste en cache et que Kinora tourne.
ratio-max = S’arrêter après avoir tout donné tant de fois
ratio-max-hint = 2 signifie : tout, deux fois. Vide signifie : tant qu’il est là.
network = Réseau
network-lost = Kinora ne répond pas. Vérifiez qu’il tourne encore.
network-pill = Réseau : { $peers } pairs, { $down } en réception, { $up } en envoi
network-honest = Ce que d’autres peuvent voir
network-visible = Ceux avec qui vous échangez un film voient votre adresse IP et de quel film il s’agit. Le tracker qui vous met en relation aussi.
network-given = Vous donnez aux autres les parties de films que vous avez reçues. Rien d’autre ne quitte votre disque.
network-unlimited = Votre envoi n’a pas de limite propre ; la vidéo sur votre ligne passe en premier.
network-limited = Votre envoi est limité à { $kib } Kio/s.
network-nothing-else = Kinora n’a ni compte, ni télémétrie, ni serveur à lui. Cette page ne parle qu’à votre ordinateur.
network-change = Changer ce qui est partagé
torrents-active = Torrents actifs
ratio-name = Ratio
port = Port

## Réglages

settings-look = Apparence
settings-playing = Lecture
language = Langue
as-browser = Celle du navigateur
theme = Couleurs
theme-system = Comme le système
theme-dark = Sombres
theme-light = Claires
size = Taille
size-hint = Pour cet écran seulement.
size-normal = Normale
size-large = Grande
size-tv = Télévision, vue du canapé
audio-language = Son préféré
original-audio = Original
subtitle-language = Sous-titres préférés
autoplay = Enchaîner les épisodes
autoplay-hint = L’épisode suivant commence tout seul ; un mot avant la fin vous laisse rester.
cache = Disque
cache-text = Les films que vous regardez sont gardés ici, pour reprendre aussitôt. Ceux qui servent le moins récemment cèdent la place.
cache-path = Dossier
cache-path-hint = Les prochains films y seront rangés ; Kinora l’utilise à partir de son prochain démarrage.
cache-quota = Au plus
cache-used = { $used } Gio utilisés sur { $total }
cache-channels = Chaînes suivies, au plus
cache-channels-hint = Leurs listes, sans les films, en plus des films ci-dessus. Une chaîne qui n’y tient pas n’est pas suivie, et celle qui dépasse n’a plus de nouveaux titres ; ce qui est ici reste, sauf ce que son éditeur retire.
hidden = Titres masqués
hidden-text = Ils n’apparaissent nulle part, jusqu’à ce que vous les montriez à nouveau.
hidden-none = Aucun titre n’est masqué.
show-again = Montrer à nouveau

## À propos

about = À propos et licences
about-lead = Un cinéma par BitTorrent, pour les films libres de partage.
about-licence = Kinora est un logiciel libre sous la Mozilla Public License 2.0.
about-titles = Les films
about-titles-text = Chaque film a sa propre licence, indiquée sur sa page avec les mots par lesquels ses auteurs veulent être nommés.
about-parts = De quoi cette page est faite

## Touches

help = Touches
help-everywhere = Partout
help-title = Sur un titre
help-player = Dans le lecteur
help-move = Se déplacer
help-open = Ouvrir
help-places = Aller à un lieu
help-back = Retour
help-this = Cette feuille
help-menu = Menu
help-seek-5 = 5 secondes
help-seek-10 = 10 secondes
help-seek-60 = 1 minute
help-seek-600 = 10 minutes
help-tenths = Aller à un dixième
help-episodes = Épisode suivant ou précédent
help-frame = Une image
help-speed = Ralentir, accélérer
help-subtitles-toggle = Sous-titres oui ou non
help-subtitles-sheet = Choisir les sous-titres
help-subtitles-delay = Plus tôt, plus tard
help-subtitles-size = Plus petit, plus grand

## Le temps

duration-minutes = { $minutes } min
duration-hours = { $hours } h
duration-hours-minutes = { $hours } h { $minutes } min

## Quand quelque chose échoue

nowhere = Il n’y a rien à cette adresse
nowhere-hint = Le lien est peut-être ancien. Tout ce que nous avons part de la première page.
problem-failed = Cela n’a pas marché.
problem-failed-hint = Réessayez ; si cela se reproduit, « kinora doctor » dit ce qui ne va pas.
problem-unreachable = Kinora ne répond pas.
problem-unreachable-hint = Il a peut-être été fermé. Relancez-le, puis réessayez.
problem-unauthorized = Cette page n’est pas encore admise.
problem-unauthorized-hint = Ouvrez-la avec le lien que Kinora affiche au démarrage : la clé est dans le lien.
problem-not-found = Ceci n’est plus là.
problem-not-found-hint = Le titre a peut-être été retiré ou masqué. Revenez en arrière et choisissez-en un autre.
problem-token-missing = Cette page n’est pas encore admise.
problem-token-missing-hint = Ouvrez-la avec le lien que Kinora affiche au démarrage : la clé est dans le lien.
problem-token-wrong = Cette page appartient à un démarrage précédent de Kinora.
problem-token-wrong-hint = Ouvrez le lien affiché à son dernier démarrage.
problem-locked = Trop de mauvaises clés sont venues de cette adresse.
problem-locked-hint = Attendez une minute, puis ouvrez le lien affiché par Kinora.
problem-title-unknown = Ce titre n’est plus là.
problem-title-unknown-hint = Il a peut-être quitté le catalogue : revenez en arrière et choisissez-en un autre.
problem-filtered = Un filtre que vous suivez bloque ceci.
problem-filtered-hint = Affichez le titre quand même sur sa page, ou désactivez le filtre sur la page des chaînes.
problem-withdrawn = Son éditeur a retiré ce titre.
problem-withdrawn-hint = On ne peut plus l’obtenir. Choisissez-en un autre.
problem-blocked = Ce titre est masqué ici.
problem-blocked-hint = Montrez-le à nouveau dans les réglages pour le regarder.
problem-magnet-bad = Kinora ne peut rien faire de ce lien magnet.
problem-magnet-bad-hint = Il commence par magnet:?xt=urn:btih: ou urn:btmh:. Copiez-le encore une fois, en entier.
problem-torrent-bad = Ce fichier torrent est abîmé, ou enfreint les règles.
problem-torrent-bad-hint = Reprenez-le là où vous l’avez trouvé.
problem-nothing-playable = Ce torrent ne contient ni film ni son que Kinora connaisse.
problem-nothing-playable-hint = On peut tout de même le télécharger.
problem-metadata-late = Personne n’a encore pu dire ce que contient ce torrent.
problem-metadata-late-hint = La recherche continue : réessayez dans un moment.
problem-channels-full = Les chaînes suivies ne peuvent pas prendre plus de place sur le disque.
problem-channels-full-hint = Relevez la limite des chaînes dans les réglages, ou cessez d’en suivre une dont vous n’avez pas besoin.
problem-disk-full = Le disque est plein.
problem-disk-full-hint = Libérez de la place, ou choisissez une limite plus basse dans les réglages.
problem-disk-denied = Kinora ne peut pas écrire dans son dossier.
problem-disk-denied-hint = Vérifiez qui peut y écrire, ou choisissez un autre dossier dans les réglages.
problem-disk-broken = Le disque n’a pas pris ou rendu des octets.
problem-disk-broken-hint = Vérifiez le disque. Rien de ce qui était confirmé n’est perdu.
problem-shutting-down = Kinora s’arrête.
problem-shutting-down-hint = Relancez-le, puis réessayez.

## Les chaînes

nav-channels = Chaînes
channels-lead = Une chaîne est un catalogue signé par qui le publie. Elle n’a pas de serveur : tous ceux qui la suivent la gardent en vie.
channels-empty = Vous ne suivez encore aucune chaîne
channels-empty-hint = Collez l’adresse d’une chaîne ci-dessus, ou déposez-la n’importe où sur cette page. Elle commence par « kinora: ».
channel-address = Adresse d’une chaîne
channel-address-hint = Elle commence par kinora: et vient de qui publie la chaîne, ou de quelqu’un qui la suit.
channel-look = La regarder
channels-own = Vos propres chaînes
channels-own-text = Vous en avez les clés. Ce que vous publiez reste sous votre nom pour toujours.
channels-followed = Chaînes que vous suivez
channels-blocked = Chaînes bloquées
channels-blocked-text = Elles ne peuvent pas être suivies ici tant que vous ne les débloquez pas.
channel-unblock = Débloquer
channel-unnamed = Chaîne encore sans nom
channel-by = par { $publisher }
channel-version = Version { $version }
channel-seen = confirmée { $ago }
channel-issued = signée { $ago }
channel-contact = Contact
channel-key = Adresse
channel-share = Partager
channel-refresh = Chercher du nouveau
channel-refreshing = On cherche du nouveau…
channel-unfollow = Ne plus suivre
channel-unfollow-ask = « { $name } » quitte votre bibliothèque avec tous ses titres, et vous n’aidez plus à la garder en vie. Ce que vous avez regardé reste en mémoire, si elle revient.
channel-forgive = Reprendre les mises à jour
channel-forgive-ask = Ne le faites que si la personne qui publie « { $name } » vous a dit par une autre voie ce qui s’est passé : une lettre, un appel, sa propre page web. Si la clé a été volée, la suite peut venir du voleur. Rien de plus ancien que ce qui est ici n’est pris pour nouveau, et si deux versions sont de nouveau signées, les mises à jour s’arrêtent de nouveau.
channel-forgiven = Les mises à jour de « { $name } » reprennent.
channel-block = Bloquer
channel-block-ask = « { $name } » quitte votre bibliothèque et ne peut plus être suivie ici, par personne, tant que vous ne la débloquez pas.
channel-unfollowed = « { $name } » n’est plus suivie.
channel-blocked = « { $name } » est bloquée.
channel-take-off = Retirer de la liste
channel-no-titles = Cette chaîne n’a pas encore de titres
channel-no-titles-hint = Dès que la personne qui la publie en ajoute, ils apparaissent ici d’eux-mêmes.
channel-no-titles-own-hint = Publiez un premier film : il apparaîtra ici, et chez tous ceux qui suivent la chaîne.
channel-about = À propos de cette chaîne
channel-followed-new-address = Regarder la nouvelle adresse
channel-see-blocked = Voir les chaînes bloquées
browse-channel = D’une seule chaîne
published-by = Publié par
share-title = Partager cette chaîne
share-text = Qui ouvre cette adresse dans Kinora voit la même chaîne. L’adresse est sa clé : personne ne peut y mettre une autre chaîne.
share-film =
    { $kind ->
        [series] Partager cette série
       *[other] Partager ce film
    }
share-film-text = Qui ouvre cette adresse dans Kinora arrive à ce film, une fois sa chaîne suivie. Personne ne peut en mettre un autre à sa place.
share-copy = Copier l’adresse
share-magnet = Copier en lien magnet
share-qr = L’adresse en code QR
share-here = Nommer aussi cet ordinateur
share-here-hint = Qui ouvre l’adresse demande d’abord à cet ordinateur, sans attendre que le réseau le trouve. Elle lui révèle votre adresse internet, { $address }.
share-copied = Copié. Envoyez-la à qui vous voulez.

find-channels = Trouver des chaînes
find-channels-text = Les chaînes que vous suivez recommandent celles-ci. Aucune n’est suivie avant que vous le disiez.
find-named-by = Recommandée par
find-look = Regarder { $name }
domain-vouched = { $domain } s’en porte garant, vérifié { $ago }
domain-claimed = Elle dit appartenir à { $domain }.
domain-ask = Demander à { $domain }
domain-asking = Question posée…
domain-vouched-short = { $domain } s’en porte garant

## Suivre une chaîne

follow = Suivre
follow-title = Suivre cette chaîne ?
follow-lead = Vous allez suivre la chaîne à cette adresse. Comparez-la avec celle que l’on vous a donnée.
follow-what = Ce que suivre veut dire
follow-fetch = Kinora cherche la chaîne dans le réseau des pairs BitTorrent (la DHT) et prend son catalogue. Aucun film n’est pris avant que vous le lanciez.
follow-share = Vous gardez le catalogue et le donnez aux autres, jour et nuit tant que Kinora tourne. C’est ce qui le garde en vie.
follow-visible = Ceux qui ont la chaîne, et quelques nœuds de la DHT, voient votre adresse IP et que vous la demandez.
follow-trust = Ses titres sont ce qu’en dit qui la publie. Kinora vérifie la signature et que chacun nomme une licence libre, rien de plus.
follow-peers =
    { $count ->
        [one] L’adresse nomme un pair, interrogé d’abord : { $peers }
       *[other] L’adresse nomme { $count } pairs, interrogés d’abord : { $peers }
    }
follow-film-missing = Le film qu’on vous a envoyé n’est pas dans cette chaîne : qui la publie l’a peut-être retiré.
follow-film = Le film qu’on vous a envoyé s’ouvre dès que la chaîne est là.
follow-not-now = Pas maintenant
follow-bad = Ce n’est pas l’adresse d’une chaîne
follow-already = Vous suivez déjà cette chaîne.
follow-own = Cette chaîne est la vôtre.
follow-blocked = Cette chaîne est bloquée ici.
follow-open = Ouvrir la chaîne
follow-stop = Arrêter la recherche
following = En cours
step-searching = On cherche la chaîne…
step-found = Trouvée. On demande qui a ses fichiers…
step-fetching = On prend son catalogue…
step-importing = Ses titres entrent dans votre bibliothèque…
step-searching-hint = Cela peut durer quelques minutes quand peu de monde est en ligne. Vous pouvez aller ailleurs en attendant.

## L’état d’une chaîne

channel-state-following = En chemin
channel-state-failed = Introuvable
channel-state-empty = Rien n’est encore publié
channel-state-fresh = À jour
channel-state-frozen = Silencieuse
channel-state-refused = Dernière version refusée
channel-state-no-room = Plus de place pour les nouveautés
channel-state-two-versions = Deux versions vues
channel-state-damaged = Abîmée
channel-state-handed-over = Déménagée
channel-said-frozen = Personne n’a de nouvelles de qui la publie, depuis plus longtemps que promis.
channel-said-frozen-hint = Ce qui est ici reste et se lit. Si cela dure, demandez à qui la publie si elle continue.
channel-said-refused = La dernière version de cette chaîne n’est pas ce que son éditeur a signé. Elle a été refusée.
channel-said-refused-hint = Ce qui est ici reste et se lit. Prévenez qui la publie ; la version suivante est prise dès qu’elle est là.
channel-said-no-room = Les chaînes suivies ne peuvent pas prendre plus de place sur le disque : la dernière version de celle-ci n’a pas été prise.
channel-said-no-room-hint = Ce qui est ici reste et se lit, et ce que son éditeur retire ou dit de ses clés vaut ici aussi. Relevez la limite des chaînes dans les réglages, ou cessez d’en suivre une dont vous n’avez pas besoin.
channel-said-two-versions = La clé de qui la publie a signé deux versions différentes : elle est peut-être volée. Aucune mise à jour n’est acceptée sans explication.
channel-said-two-versions-hint = Ce qui est ici reste. Demandez par une autre voie à qui la publie, et ne cessez pas de suivre la chaîne : en la suivant de nouveau, on ne distingue plus une ancienne version d’une nouvelle. Les mises à jour reprennent quand la clé est remplacée, ou quand vous le dites.
channel-said-damaged = Ce que l’on savait de cette chaîne est abîmé sur votre disque. Les mises à jour sont refusées : une ancienne version pourrait passer pour nouvelle.
channel-said-damaged-hint = Cessez de la suivre et suivez-la de nouveau.
channel-said-handed-over = La chaîne a déménagé à une autre adresse.
channel-said-handed-over-hint = Vous la suivrez là-bas sans rien faire, dès que quelqu’un qui l’a est trouvé. Ce que vous avez marqué l’y suit.
channel-said-handed-over-blocked = La chaîne a déménagé à une adresse qui est bloquée ici.
channel-said-handed-over-blocked-hint = Vous ne la suivez pas là-bas, et rien de nouveau n’arrive à celle-ci. Ce qui est ici reste et se lit. Pour la suivre, débloquez la nouvelle adresse sous Chaînes.
channel-said-handed-over-own = Vous avez déplacé cette chaîne à une autre adresse.
channel-said-handed-over-own-hint = Publiez dans la nouvelle. Celle-ci est encore partagée, pour que ceux qui la suivent l’apprennent : ils la suivront là-bas sans rien faire.
channel-moved = Cette chaîne a une nouvelle adresse.
channel-moved-text = Son éditeur l’a déplacée { $ago }, vers la clé promise dès le début. Vous la suivez désormais ici, avec tout ce que vous avez marqué.
channel-before = Ancienne adresse
channel-refused = Quelqu’un a voulu déplacer cette chaîne. Cela a été refusé.
channel-refused-text = Cette personne a la clé de l’éditeur, mais a nommé une autre clé que celle promise dès le début : la clé est peut-être volée. Demandez à l’éditeur par une autre voie.
channel-resembles = Une autre chaîne présente ici porte presque le même nom.
channel-resembles-text = Ce sont deux chaînes : qui tient l’une n’a peut-être rien à voir avec l’autre. Comparez les adresses avant de faire confiance à celle-ci. L’autre est
find-resembles = Elle porte presque le même nom qu’une autre chaîne présente ici, et n’est pas celle-là :
problem-channel-unknown = Personne en ligne ne connaît cette chaîne.
problem-channel-unknown-hint = Vérifiez l’adresse. Si elle est bonne, réessayez quand quelqu’un qui l’a est en ligne.
problem-channel-unreachable = La chaîne existe, mais personne qui en a les fichiers n’a été trouvé.
problem-channel-unreachable-hint = Réessayez quand quelqu’un qui l’a est en ligne.
problem-channel-unreachable-site = Le site existe, mais personne qui en a les fichiers n’a été trouvé.
problem-channel-unreachable-site-hint = Réessayez quand celui qui le publie ou un autre visiteur est en ligne.
problem-dht-unreachable = Le réseau par lequel on trouve les chaînes et les sites ne répond pas.
problem-dht-unreachable-hint = Vérifiez la connexion de cet ordinateur, puis réessayez.
problem-dht-off = Les chaînes et les sites se trouvent par la DHT, qui est désactivée.
problem-dht-off-hint = Démarrez Kinora sans --no-dht.
problem-channel-bad = Ce qui est arrivé n’est pas ce qui a été signé.
problem-channel-bad-hint = Cela a été jeté. Prévenez qui publie la chaîne si cela se répète.
problem-channel-other-kind = Ce qui est publié à cette adresse n’est ni un catalogue de titres ni un filtre.
problem-channel-other-kind-hint = Kinora ne peut pas le suivre. Si c’est un site, ouvrez-le comme tel.
problem-channel-damaged = Ce qui est gardé de cette chaîne est abîmé.
problem-channel-damaged-hint = Cessez de la suivre et suivez-la de nouveau. Restaurez une chaîne à vous depuis une sauvegarde.
problem-channel-blocked = Cette chaîne est bloquée ici.
problem-channel-blocked-hint = Débloquez-la sous Chaînes pour la suivre.
problem-not-followed = Cette chaîne n’est pas ici.
problem-not-followed-hint = Suivez-la d’abord par son adresse.
problem-no-domain = Cette chaîne ne se réclame d’aucun domaine.
problem-no-domain-hint = Demandez à son éditeur, par une autre voie, si elle est de lui.
problem-domain-silent = Le domaine ne se porte pas garant de cette chaîne.
problem-domain-silent-hint = Demandez à son éditeur par une autre voie. La chaîne elle-même reste la même.
problem-domain-other = Le domaine se porte garant d’une autre chaîne, pas de celle-ci.
problem-domain-other-hint = Demandez à son éditeur par une autre voie : ce n’est peut-être pas sa chaîne.
problem-names-unreachable = Le domaine ne peut pas être interrogé.
problem-names-unreachable-hint = Réessayez quand la connexion sera là. Derrière un proxy, indiquez un serveur de noms dans le fichier de réglages (network.dns).
problem-bad-address = Ce n’est pas l’adresse d’une chaîne.
problem-bad-address-hint = Copiez encore une fois toute l’adresse : kinora: et 52 lettres.

## Publier

new-channel = Créer une chaîne
new-channel-lead = Une chaîne à vous n’a besoin ni de compte ni de serveur : sa clé est créée sur cet ordinateur, et son adresse est cette clé. Qui la suit la garde en vie.
new-name = Nom de la chaîne
new-about = De quoi elle parle (si vous voulez)
new-contact = Contact pour les questions de droits
new-contact-hint = Une adresse e-mail ou une adresse https:. Tous ceux qui suivent la chaîne la voient.
new-passphrase = Phrase de passe (si vous voulez)
new-passphrase-hint = Elle verrouille le secret de la chaîne sur ce disque. Il la faut pour remplacer la clé, pas pour publier.
new-passphrase-again = La phrase de passe encore une fois
new-passphrase-differs = Les deux phrases diffèrent. Tapez-les de nouveau.
new-make = Créer la chaîne
words-title = Écrivez ces 24 mots sur du papier
words-why = Ils sont le seul moyen de retrouver la chaîne si cet ordinateur est perdu, et qui les a la possède. Ils ne sont montrés que cette fois.
words-written = Je les ai écrits
words-check = Quelques-uns des mots
words-which = Mot numéro { $number }
words-wrong = Ce n’est pas ce qui est sur la liste. Regardez encore votre papier.
words-done = Continuer
words-show = Montrer encore les mots

## Une chaîne retrouvée par ses mots

restore = Retrouver une chaîne
restore-link = Retrouver une chaîne
restore-instead = Vous avez 24 mots sur du papier ? Retrouvez votre chaîne.
restore-lead = Si l’ordinateur qui a les clés de votre chaîne est perdu, les 24 mots de votre papier les refont. Ses titres viennent de ceux qui ont encore la chaîne.
restore-words = Les 24 mots
restore-words-hint = Tapez-les un par un, ou collez-les tous. Kinora les compare et ne les donne à personne.
restore-count = { $count } mots sur { $total } sont bons
restore-unlisted = Le mot { $number } n’est pas dans la liste des mots. Vérifiez son orthographe.
restore-unlisted-meant = Le mot { $number } n’est pas dans la liste des mots. Est-ce « { $near } » ?
restore-missing = Des mots manquent, ou ne sont pas dans la liste.
restore-fits = Ces mots vont ensemble. Ce sont ceux de la chaîne à cette adresse :
restore-own = Ce sont les mots d’une chaîne qui est déjà sur cet ordinateur. Il n’y a rien à faire.
restore-more = Elle a déménagé depuis, ou je sais qui l’a
restore-address = Adresse de la chaîne
restore-address-hint = Seulement si elle a déménagé après que vous avez écrit les mots, ou si l’adresse nomme quelqu’un qui l’a.
restore-do = Retrouver
restore-looking = On cherche sa dernière version. Vos clés sont refaites dès qu’elle est là ; d’ici là, rien ne change sur cet ordinateur.
restore-stop = Arrêter
restore-done = « { $name } » est de nouveau à vous.
restore-done-text = La version { $version } est là, avec tous ses titres. Vous pouvez publier depuis cet ordinateur ; ne le faites que depuis un seul.
restore-not-newest = Le réseau n’a pas pu être interrogé : ce qui était déjà ici a été pris. Si un autre ordinateur a publié depuis, ce que vous publierez ici sera refusé.
restore-unlocked = Son secret est sur ce disque sans phrase de passe. Vous pouvez le verrouiller sur la page de la chaîne.
problem-bad-words = Ce ne sont pas les 24 mots d’une chaîne.
problem-bad-words-hint = Comparez-les au papier, un par un.
problem-words-mixed = Chacun de ces mots existe, mais ensemble ce ne sont pas ceux d’une chaîne.
problem-words-mixed-hint = L’un est un autre mot, ou deux ont changé de place. Comparez-les au papier, un par un.
problem-other-words = Ce sont les mots d’une autre chaîne que celle de cette adresse.
problem-other-words-hint = Laissez l’adresse vide, ou prenez le papier de cette chaîne.
problem-already-here = Cette chaîne est déjà sur cet ordinateur, avec ses clés.
problem-already-here-hint = Publiez d’ici : il n’y a rien à retrouver.
problem-handed-over = Vous avez déjà déplacé cette chaîne à une autre adresse.
problem-handed-over-hint = Publiez dans la nouvelle ; elle est parmi vos propres chaînes.
problem-not-newest = Ceux qui suivent la chaîne connaissent une version plus récente que cet ordinateur.
problem-not-newest-hint = Un autre ordinateur a publié depuis, ou l’horloge d’ici est fausse. Publiez depuis celui qui a la dernière version.
problem-passphrase = Ce n’est pas la phrase de passe de ce secret.
problem-passphrase-hint = C’est celle choisie à la création ou au dernier verrouillage. Sans elle, les 24 mots sur papier rendent tout sur un autre ordinateur.
problem-domain-bad = Ce n’est pas un domaine.
problem-domain-bad-hint = Écrivez-le comme example.org, sans https:// ni chemin.

## Les clés d’une chaîne à soi

keys = Ses clés
keys-text = Deux clés signent pour cette chaîne. L’une signe chaque version et reste sur cet ordinateur, pour que publier ne demande rien. L’autre est la chaîne elle-même : son adresse. Elle est dans le secret que représentent les 24 mots.
keys-locked = Le secret est verrouillé par une phrase de passe.
keys-open = Le secret est sur ce disque sans phrase de passe : qui peut lire ce disque possède la chaîne.
keys-unpublished = Quelque chose a changé que ceux qui vous suivent ne savent pas encore. Publiez pour le leur dire.
keys-publish = Publier maintenant
keys-publishing = Signature, et annonce au réseau…
keys-published =
    { $count ->
        [one] La version { $version } est publiée : un nœud du réseau la connaît et le dit à ceux qui vous suivent.
       *[other] La version { $version } est publiée : { $count } nœuds du réseau la connaissent et le disent à ceux qui vous suivent.
    }
keys-published-nowhere = La version { $version } est signée, mais le réseau n’a pas été atteint. Kinora l’annonce tout seul dès que possible.
key-passphrase = Phrase de passe du secret
key-passphrase-old = La phrase de passe actuelle
key-passphrase-new = La nouvelle phrase de passe
key-passphrase-new-hint = Si elle est vide, le secret reste ouvert sur ce disque.
key-busy = Un instant…
key-replace = Remplacer la clé de signature
key-replace-why = À faire si quelqu’un d’autre a pu avoir cet ordinateur ou une copie de son disque. La clé qui signe les versions est remplacée par une nouvelle, et l’ancienne ne vaut plus rien : ce qu’un voleur signe avec elle est refusé.
key-replace-see = Ceux qui suivent la chaîne ne remarquent rien : l’adresse, les titres et les 24 mots restent les mêmes.
key-replace-after = Cela vaut une fois publié : une nouvelle version part donc aussitôt.
key-replace-go = Remplacer et publier
key-replace-open = Votre secret est sur ce disque sans phrase de passe. Qui a eu le disque a aussi le secret, et une nouvelle clé de signature ne l’arrête pas alors.
key-hand-over = Passer à une nouvelle adresse
key-hand-over-why = La chaîne continue sous sa clé suivante, promise dès le début à ceux qui la suivent : qui n’a que la clé d’aujourd’hui ne peut pas en nommer une autre. À faire si quelqu’un connaît peut-être cette clé. Cela n’aide pas si quelqu’un a vu les 24 mots, ou a lu le secret alors qu’il n’était pas verrouillé : toutes les clés en viennent. Créez alors une nouvelle chaîne, et dites-le par une autre voie à ceux qui vous suivent.
key-hand-over-see = L’adresse change. Ceux qui suivent la chaîne voient que vous l’avez déplacée, et y passent sans rien faire avec tout ce qu’ils ont marqué. Les liens vers l’ancienne adresse mènent à la nouvelle tant que quelqu’un la garde. Les 24 mots restent les mêmes.
key-hand-over-after = On ne peut pas revenir en arrière. Laissez Kinora tourner quelques jours, pour que tous l’apprennent.
key-hand-over-sure = Je veux que cette chaîne ait une nouvelle adresse.
key-hand-over-go = La déplacer et publier
key-handed-over =
    { $count ->
        [one] La chaîne est publiée à sa nouvelle adresse : un nœud du réseau la connaît.
       *[other] La chaîne est publiée à sa nouvelle adresse : { $count } nœuds du réseau la connaissent.
    }
key-handed-over-nowhere = La chaîne a sa nouvelle adresse. Le réseau n’a pas été atteint ; Kinora l’annonce tout seul dès que possible.
key-lock = Changer la phrase de passe
key-lock-first = Choisir une phrase de passe
key-lock-first-go = Verrouiller
key-lock-why = La phrase de passe ne verrouille que le secret sur ce disque. Il la faut pour remplacer des clés, pas pour publier, et personne ne peut vous dire ce qu’elle était.
key-lock-go = La changer
keys-away = Le secret n’est plus que sur papier : il a été retiré de cet ordinateur. La publication continue ; ce qui a besoin du secret demande ses 24 mots.
key-words = Les 24 mots de votre papier
key-words-hint = Séparés par des espaces, dans leur ordre.
key-remove = Retirer le secret de cet ordinateur
key-remove-why = Qui lit ce disque y trouve alors la clé qui signe les versions, que l’on peut remplacer, et non le secret dont viennent toutes les clés.
key-remove-see = La publication continue comme avant. Pour remplacer la clé de signature, changer d’adresse ou remettre le secret, il faut chaque fois les 24 mots.
key-remove-copies = Sans le papier, plus personne ne peut rien de tout cela. Tapez les mots tels qu’ils y sont. Les copies de ce disque faites avant ont encore le secret.
key-remove-go = Le retirer
key-put-back = Remettre le secret
key-put-back-why = Le secret est de nouveau sur ce disque, verrouillé par la phrase que vous lui donnez, et les mots ne sont plus demandés.
key-put-back-go = Le remettre

## Le domaine garant d’une chaîne à soi

claim = Un domaine qui s’en porte garant
claim-text = Si vous avez un domaine, il peut dire que cette chaîne est à vous : vous lui donnez un enregistrement qui nomme la clé de la chaîne. Qui suit la chaîne peut interroger le domaine, et voit son nom.
claim-domain = Votre domaine
claim-domain-hint = Par exemple example.org. Personne n’est interrogé avant que vous le disiez.
claim-set = Le déclarer
claim-record = Donnez à { $domain } cet enregistrement, là où vous gérez ses noms (DNS) :
claim-record-name = Nom
claim-record-type = Genre
claim-record-text = Texte
claim-copy-name = Copier le nom
claim-copy-text = Copier le texte
claim-copied = Copié.
claim-ask-hint = Il faut parfois une heure avant qu’un nouvel enregistrement soit visible. Demander montre votre domaine à un serveur de noms, et votre adresse IP si aucun proxy n’est réglé.
claim-none = Ne déclarer aucun domaine

## The channels that one's own vouches for

vouch = Les chaînes que vous recommandez
vouch-text = Ceux qui vous suivent voient ces chaînes sous « Trouver des chaînes », avec le nom de la vôtre à côté. Personne n’en suit une avant de l’avoir dit. Nommez des chaînes que vous connaissez.
vouch-address = L’adresse d’une autre chaîne
vouch-address-hint = Elle commence par kinora: et n’est demandée à personne.
vouch-name = Son nom
vouch-name-hint = Sans rien écrire, celui qu’elle se donne, si vous la suivez.
vouch-nameless = Vous ne suivez pas cette chaîne : son nom n’est pas connu ici. Dites comment elle s’appelle.
vouch-itself = C’est la chaîne elle-même.
vouch-add = La recommander
vouch-no-more = Ne plus recommander { $name }

## Web servers that have a copy of one's own channel

mirrors = Des copies sur le web
mirrors-text = Tout serveur web ou stockage d’objets qui sert de simples fichiers peut garder une copie de la chaîne : on la trouve, on la suit et on la regarde alors même quand personne d’autre n’est en ligne. Le Kinora de ceux qui vous suivent s’y adresse quand les autres ne donnent pas assez. Qui tient le serveur voit l’adresse de ceux qui regardent, comme chaque pair.
mirrors-how = Cette commande écrit ce qu’il faut y mettre, et de nouveau après chaque version :
mirror-url = Adresse du dossier sur le web
mirror-url-hint = Elle commence par https:// et contient ce que la commande a écrit. Rien n’est demandé maintenant.
mirror-add = La donner à ceux qui suivent
mirror-remove = Ne plus donner { $url }
mirror-waits = Ceux qui suivent l’apprendront avec la prochaine version.
mirrors-full = Une chaîne ne peut en donner davantage.
problem-mirror-bad = Ce ne peut être une copie de la chaîne sur le web.
problem-mirror-bad-hint = Donnez l’adresse d’un dossier, comme https://example.org/films/. Sans chiffrement (http) ou avec un point d’interrogation elle ne peut servir, et quatre sont le plus.
site-mirrors-text = Tout serveur web ou stockage d’objets qui sert de simples fichiers peut garder une copie du site : il s’ouvre alors même quand personne d’autre n’est en ligne. Qui tient le serveur voit l’adresse de ceux qui s’y adressent, comme chaque pair.
site-mirror-add = La donner aux visiteurs
site-mirror-waits = Les visiteurs l’apprendront avec la prochaine version.
site-mirrors-full = Un site ne peut en donner davantage.
site-mirrors-unpublished = Les visiteurs ne savent pas encore ce que vous avez changé ici. Publiez de nouveau le site pour le leur dire.
problem-mirror-bad-site = Ce ne peut être une copie du site sur le web.
problem-mirror-unknown-site = Le site ne donne plus cette adresse.
problem-mirror-unknown = La chaîne ne donne plus cette adresse.
problem-mirror-unknown-hint = Quelqu’un l’a déjà retirée.

## Publier un film

film-publish = Publier un film
film-into = Dans votre chaîne
film-step-file = 1. Le film
film-step-qualities = 2. Qualités et sous-titres
film-step-poster = 3. L’affiche
film-step-about = 4. Ce que c’est, et pourquoi on peut le partager
film-step-preview = 5. Comme on le verra
film-source-hint = Le meilleur fichier du film que vous ayez. Kinora en fait ce que les spectateurs peuvent lire.
film-file = Un film de cet appareil
film-path = Ou le chemin d’un film sur le disque de Kinora
film-path-hint = Le chemin entier, comme /films/port.mp4. Il est lié, non copié, là où le disque le permet.
film-take = Prendre ce film
film-go-on = Continuer avec { $name }
film-sending = On prend le film…
film-stop = Arrêter
film-remove = Prendre un autre film
film-not-in-browsers = Certains navigateurs ne lisent pas ce film. Il faut alors mpv ou VLC.
convert-how = Comment le film est diffusé
convert-again = Fabriquer d’autres qualités à la place
convert-made = Dans des qualités fabriquées par ffmpeg
convert-made-hint = H.264 et AAC en MP4 : lus par tous les navigateurs et téléviseurs, et qui démarrent aussitôt.
convert-at-most = { $size } au plus
convert-copied = convient tel quel, quelques secondes
convert-level = Aussi fort que les autres films
convert-level-hint = Mesuré et mis au niveau selon EBU R 128, −23 LUFS.
convert-as-it-is = Tel quel
convert-not-as-it-is = Les films de cette sorte doivent être convertis.
convert-beside = Avec lui :
convert-previews = de petites images pour la barre de temps
convert-chapters =
    { $count ->
        [one] { $count } chapitre
       *[other] { $count } chapitres
    }
convert-texts =
    { $count ->
        [one] { $count } piste de sous-titres contenue dans le film
       *[other] { $count } pistes de sous-titres contenues dans le film
    }
convert-picture-texts =
    { $count ->
        [one] Une piste de sous-titres du film est faite d’images. Elle ne peut pas être convertie : ajoutez-la en fichier.
       *[other] { $count } pistes de sous-titres du film sont faites d’images. Elles ne peuvent pas être converties : ajoutez-les en fichiers.
    }
convert-begin = Les fabriquer
convert-prepare = Le préparer
convert-looking = Examen du film…
convert-done = C’est fait.
convert-step-waiting = Un autre film passe d’abord…
convert-step-measuring = Mesure du volume sonore…
convert-step-encoding = Fabrication de { $quality }…
convert-step-previews = Fabrication des petites images pour la barre de temps…
convert-step-texts = Extraction des sous-titres…
convert-left = encore { $time } environ
convert-goes-on = Vous pouvez remplir le reste entre-temps, ou fermer cette page. Si Kinora est arrêté, cela continue au prochain démarrage, et les qualités terminées sont gardées.
convert-kept = Kinora a été arrêté pendant la fabrication de ce film. Ce qui était terminé a été vérifié et gardé : { $qualities }.
convert-hdr-mapped = Ce film est en HDR. Dans ces qualités, sa luminosité est ramenée à la plage habituelle, pour qu’il soit juste sur tous les écrans.
convert-hdr-pale = Ce film est en HDR, et le ffmpeg de l’ordinateur de Kinora ne sait pas le ramener à la plage habituelle : ces qualités paraîtront pâles. Installez un ffmpeg avec zscale (la bibliothèque zimg), ou publiez le film tel quel.
film-not-ready = Les qualités ne sont pas encore fabriquées.
subtitles-given = Sous-titres
subtitles-unknown = Langue inconnue
subtitles-remove = Retirer : { $name }
subtitles-remove-short = Retirer
subtitles-file = Un fichier de sous-titres
subtitles-file-hint = SRT, WebVTT, ASS ou MicroDVD, de 10 Mo au plus.
subtitles-language = Sa langue
subtitles-language-hint = Comme en, pt-BR ou zh-Hant ; inutile si le fichier s’appelle par exemple film.fr.srt.
subtitles-add = Ajouter les sous-titres
poster-looking = On cherche des images dans le film…
poster-frames = Images du film
poster-frame = Image { $number }
poster-file = Ou une image à vous
poster-file-hint = JPEG, PNG ou WebP, en hauteur si possible.
poster-now = L’affiche telle qu’elle est
about-name = Titre
about-kind = Genre d’œuvre
about-year = Année
about-genres = Genres
about-genres-hint = Séparés par des virgules : drame, muet
about-synopsis = De quoi il s’agit
licence-legend = Licence
licence-why = Kinora ne montre et ne partage que ce que tous peuvent partager. Les programmes de ceux qui vous suivent écartent un titre qui ne le dit pas.
licence-choose = Choisir…
licence-attribution-hint = La ligne à citer, comme la licence le demande : © 2021 Quelqu’un
licence-source-hint = Une adresse https: où chacun peut vérifier la licence.
licence-agree = J’ai le droit de partager ce film sous cette licence
film-preview = Le regarder
film-preview-text = Rien n’est encore publié.
film-publish-means = Publier signe le titre avec la clé de votre chaîne, l’annonce au réseau et partage le film depuis cet ordinateur. On peut le retirer plus tard, mais pas l’effacer : des copies peuvent rester chez d’autres.
film-publish-now = Signer et publier
film-there = Votre chaîne a déjà ce film
film-there-episode = (comme épisode)
film-there-waiting = (pas encore publié)
film-there-text = Modifiez le titre existant : qui l’a vu ou gardé ne perd rien, et ce que vous n’avez pas rempli reste tel quel. Ou ajoutez un titre de plus, par exemple pour un autre montage.
film-there-series = Un film ne peut pas prendre la place d’une série. Importez de nouveau la série pour la modifier, ou ajoutez le film comme un titre de plus.
film-there-update = Modifier « { $name } »
film-there-again = Ajouter un titre de plus
film-hashing = On fabrique le torrent…
film-publishing = On signe et on l’annonce au réseau…
film-done = C’est publié
film-done-text = Qui suit votre chaîne le voit en quelques minutes. Cet ordinateur partage le film tant que Kinora tourne.
film-safe = Vous pouvez fermer Kinora : d’autres l’ont en entier.
film-not-safe = Laissez Kinora tourner, s’il vous plaît.
film-copies =
    { $count ->
        [0] Personne d’autre n’a encore été vu avec le film entier ; il en faudrait deux.
        [one] Une autre personne a été vue avec le film entier ; il en faudrait deux.
       *[other] { $count } autres ont été vus avec le film entier.
    }
film-another = En publier un autre
problem-master-bad = Kinora ne peut pas publier ce film.
problem-master-bad-hint = Choisissez un film avec une image : MP4, WebM ou Matroska, et la plupart des autres si ffmpeg est installé.
problem-master-damaged = Ce film est endommagé : il s’arrête plus tôt qu’il ne le dit.
problem-master-damaged-hint = Copiez-le à nouveau depuis son origine, ou exportez-le une nouvelle fois.
problem-master-unconverted = Ce film ne peut pas être publié tel quel.
problem-master-unconverted-hint = Choisissez des qualités que ffmpeg fabriquera.
problem-master-busy = Une opération est en cours sur ce film.
problem-master-busy-hint = Attendez qu’elle se termine, ou arrêtez-la.
problem-conversion-failed = ffmpeg n’a pas pu convertir ce film.
problem-quality-unknown = Le film ne peut pas être fabriqué dans cette qualité.
problem-quality-unknown-hint = Choisissez l’une de celles qui sont proposées : aucune n’est plus grande que le film.
problem-language-bad = Ce n’est pas une langue.
problem-language-bad-hint = Nommez-la comme en, pt-BR ou zh-Hant.
problem-file-unreadable = Kinora ne peut pas lire ce fichier.
problem-file-unreadable-hint = Donnez le chemin entier d’un fichier que Kinora peut lire.
problem-ffmpeg-missing = ffmpeg n’est pas installé : le film ne peut pas être converti, ni des images en être tirées.
problem-ffmpeg-missing-hint = Installez-le sur l’ordinateur de Kinora (apt install ffmpeg, brew install ffmpeg, winget install ffmpeg) et rechargez cette page ; ou publiez le film tel quel, avec une image à vous.
problem-frame-failed = Aucune image n’a pu être tirée de ce film.
problem-frame-failed-hint = Choisissez une image à vous.
problem-image-bad = Kinora ne montre pas cette image.
problem-image-bad-hint = Choisissez un fichier JPEG, PNG ou WebP de 10 Mo au plus.
problem-not-ours = Cet ordinateur n’en a pas les clés.
problem-not-ours-hint = Publiez depuis l’ordinateur qui les a. S’il est perdu, les 24 mots sur papier les refont ici.

nav-sites = Sites
sites-lead = Un site est un dossier de pages signé par qui le publie. Il n’a pas de serveur : tous ceux qui l’ouvrent le gardent en vie.
sites-apart = Un site s’ouvre dans son propre onglet et ne voit rien de ce que vous faites dans Kinora. Ses pages ne joignent que le site lui-même, et les scripts attendent votre accord. Une fois l’accord donné, aucun navigateur ne peut empêcher un script de livrer votre adresse à d’autres : ne dites oui qu’à qui vous faites confiance.
site-address = Adresse d’un site
site-address-hint = Elle commence par kinora: et vient de qui publie le site, ou de quelqu’un qui le visite.
site-look = Le chercher
site-looking = Le site est recherché. Cela peut prendre une minute.
site-stop = Cesser de chercher
sites-here = Sites sur cet ordinateur
sites-here-text = Ils sont donnés à d’autres tant que Kinora tourne. Ceux des autres prennent au plus un dixième de la place que vous réservez.
sites-empty = Aucun site n’est encore venu ici
sites-empty-hint = Collez l’adresse d’un site ci-dessus, ou créez le vôtre.
site-files = { $count ->
    [one] Un fichier
   *[other] { $count } fichiers
}
site-own = À vous
site-scripts = Avec des scripts
site-open = Ouvrir
site-open-tab = Ouvrir dans un nouvel onglet
site-forget = Oublier
new-site = Créer un site
new-site-lead = Un site à vous ne demande ni compte ni serveur : sa clé est créée sur cet ordinateur, et son adresse est cette clé. Ceux qui l’ouvrent le gardent en vie.
new-site-name = Nom du site
new-site-contact-hint = Une adresse e-mail ou une adresse https:. Tous ceux qui ouvrent le site la voient.
new-site-passphrase-hint = Elle verrouille le secret du site sur ce disque. Il la faut pour remplacer la clé, pas pour publier.
new-site-make = Créer le site
site-words-why = Ils sont le seul moyen de retrouver le site si cet ordinateur est perdu, et qui les a le possède. Gardez-les loin de cet ordinateur. Ils ne sont montrés que cette fois.
site-restore = Retrouver un site
site-restore-instead = Vous avez 24 mots sur du papier ? Retrouvez votre site.
site-restore-lead = Si l’ordinateur qui a les clés de votre site est perdu, les 24 mots de votre papier les refont. Ses pages viennent de ceux qui ont encore le site.
site-restore-fits = Ces mots vont ensemble. Ce sont ceux du site à cette adresse :
site-restore-own = Ce sont les mots d’un site qui est déjà sur cet ordinateur. Il n’y a rien à faire.
site-restore-more = Je sais qui l’a
site-restore-address-hint = Seulement si l’adresse nomme quelqu’un qui l’a.
site-restore-done = La version { $version } est là, avec toutes ses pages. Vous pouvez publier depuis cet ordinateur ; ne le faites que depuis un seul.
site-restore-unlocked = Son secret est sur ce disque sans phrase de passe. Vous pouvez lui en donner une sur la page du site.
sites-unpublished = À vous, pas encore publiés
site-unpublished = Pas encore publié : personne ne peut l’ouvrir.
site-publish-link = Publier
site-publish = Publier un dossier
site-publish-text = Le contenu du dossier est signé et donné à d’autres ; il remplace la version d’avant. Au plus 5 000 fichiers et 50 Mio. Les fichiers dont le nom commence par un point restent chez vous.
site-kind = Qu’y a-t-il dans le dossier ?
site-kind-text = Des textes
site-kind-text-hint = Du Markdown (.md) et des images. Tout commence par index.md. C’est Kinora qui dessine les pages, sur tous les écrans : rien n’y peut agir, et personne n’a à écrire de HTML.
site-kind-pages = Des pages
site-kind-pages-hint = HTML, CSS, images, polices, sons et films. Tout commence par index.html.
site-palette = Couleurs
site-palette-paper = Papier
site-palette-sea = Mer
site-palette-forest = Forêt
site-palette-plum = Prune
site-palette-ember = Braise
site-typeface = Caractères
site-typeface-sans = Sans empattements
site-typeface-serif = Avec empattements
site-typeface-mono = Tous de même largeur
site-language = Langue des textes
site-language-hint = Un code court, comme fr, en ou pt-BR.
site-folder = Dossier sur le disque de Kinora
site-folder-hint = Le chemin entier, comme /sites/festival.
site-with-scripts = Des pages avec leurs propres scripts
site-with-scripts-hint = De même, et du JavaScript. On demande leur accord aux visiteurs, et de nouveau après chaque changement. D’ici là, ils voient les pages sans eux.
site-sign = Signer et publier
site-publish-again = Publier de nouveau
site-reading = Le dossier est lu.
site-writing = Les pages sont préparées pour les autres.
site-telling = Le site est signé. Le réseau en est informé.
site-stopped = Arrêté. Ce que voient les visiteurs n’a pas changé.
site-published =
    { $count ->
        [one] La version { $version } est publiée : un nœud du réseau la connaît. Laissez Kinora tourner jusqu’à une première visite.
       *[other] La version { $version } est publiée : { $count } nœuds du réseau la connaissent. Laissez Kinora tourner jusqu’à une première visite.
    }
site-published-nowhere = La version { $version } est signée, mais le réseau n’a pas été atteint. Kinora l’annonce tout seul dès que possible.
site-refused = Changez ce qui est nommé ici, puis publiez de nouveau.
site-refused-files = Ce qui l’empêche
site-refused-path = le nom a d’autres signes que a à z, les chiffres et . _ - ~, ou il est trop long. Renommez-le.
site-refused-kind = un site n’a pas de fichiers de ce genre. Retirez-le du dossier.
site-refused-link = c’est un lien. Mettez le fichier lui-même à sa place.
site-refused-special = ce n’est pas un fichier ordinaire. Retirez-le du dossier.
site-refused-script = c’est un script. Dites ci-dessus que les pages ont des scripts, ou retirez-le du dossier.
site-refused-large-page = une page a au plus 4 Mio. Divisez-la.
site-refused-large-text = un texte a au plus 512 Kio. Divisez-le.
site-refused-no-text = un site de textes n’a que du Markdown et des images. Retirez-le du dossier, ou publiez des pages.
site-refused-no-first-text = Le dossier n’a pas d’index.md. Tout site de textes commence par là.
site-refused-no-entry = Le dossier n’a pas d’index.html. Tout site commence par là.
site-refused-too-many = Le dossier a plus de 5 000 fichiers. Retirez-en.
site-refused-too-large = Les fichiers dépassent ensemble 50 Mio. Retirez-en du dossier, ou réduisez-les.
site-refused-clash = certains systèmes ne peuvent le garder à côté d’un autre fichier du dossier. Renommez l’un des deux.
site-refused-unreadable = il n’est pas là, ou ne peut être lu. Vérifiez le chemin et ses droits.
site-address-own = Adresse
site-address-text = Elle reste la même tant que vous ne déplacez pas le site. Qui l’ouvre dans Kinora le voit.
site-keys-text = Deux clés signent pour ce site. L’une signe chaque version et reste sur cet ordinateur, pour que publier ne demande rien. L’autre est le site lui-même : son adresse. Elle est dans le secret que représentent les 24 mots.
site-keys-open = Le secret est sur ce disque sans phrase de passe : qui peut lire ce disque possède le site.
site-key-unpublished = La clé de signature a été remplacée. Publiez le site de nouveau pour que la nouvelle vaille.
site-key-replace-see = Ceux qui ouvrent le site ne remarquent rien : l’adresse, les pages et les 24 mots restent les mêmes.
site-key-replace-after = Cela vaut une fois le site publié de nouveau. Faites-le aussitôt après.
site-hand-over-why = Le site continue sous sa clé suivante, promise aux visiteurs depuis le début : qui n’a que la clé d’aujourd’hui ne peut en nommer une autre. Faites-le si quelqu’un connaît peut-être cette clé. Cela n’aide pas si quelqu’un a vu les 24 mots, ou lu le secret tant qu’il n’était pas verrouillé.
site-hand-over-see = L’adresse change. Qui ouvre l’ancienne y voit la dernière version, et on lui demande s’il veut aller à la nouvelle, tant que quelqu’un garde l’ancienne. Les 24 mots restent les mêmes.
site-hand-over-sure = Je veux que ce site ait une nouvelle adresse.
site-hand-over-go = Le déplacer
site-moved = Son éditeur a déplacé ce site à une autre adresse :
site-moved-open = Ouvrir la nouvelle adresse
site-stay = Rester à celle-ci
site-goes-along = Chaque fois qu’il est demandé, c’est la nouvelle adresse qui est ouverte.
site-stays = Il est ouvert tel qu’il était, sans rien demander.
site-ask-again = Me redemander
site-two-versions-hint = Ce qui est ici reste lisible. Si vous savez ce qui s’est passé, vous pouvez reprendre les mises à jour.
site-moved-own = Vous avez déplacé ce site à une autre adresse.
site-moved-own-hint = Publiez là-bas. Celui-ci est encore partagé, pour que ses visiteurs l’apprennent.
site-share = Partager ce site
site-share-text = Qui ouvre cette adresse dans Kinora voit le même site. L’adresse est sa clé : personne ne peut mettre un autre site à sa place.
problem-site-unfit = Ce dossier ne peut pas être un site.
problem-site-unknown = Personne en ligne n’a ce site.
problem-site-unknown-hint = Vérifiez l’adresse. Si elle est juste, réessayez quand qui le publie ou le visite est en ligne.
problem-sites-busy = Une autre commande de Kinora utilise les sites en ce moment.
problem-sites-busy-hint = Attendez qu’elle ait fini, puis réessayez.
problem-site-ours = Ce site est à vous : ses clés sont sur cet ordinateur.
problem-site-ours-hint = Il reste ici aussi longtemps qu’elles.
problem-site-moved = Son éditeur a déplacé ce site à une autre adresse.
problem-site-moved-hint = Ouvrez celle-là.
problem-secret-away = Le secret a été retiré de cet ordinateur.
problem-secret-away-hint = Donnez ses 24 mots.
problem-site-bad = Ce qui est publié sous cette adresse n’est pas un site que l’on puisse montrer.
problem-site-bad-hint = Si c’est une chaîne, suivez-la sous Chaînes. Sinon, dites-le à qui le publie.

## Filtres

channels-filters = Filtres
channels-filters-text = Des listes de ce que quelqu’un vous propose d’écarter. Vous choisissez lesquelles s’appliquent.
filter-here = Ce que ce filtre fait ici
filter-text = Il ne désigne titres, chaînes et torrents que par des empreintes. Ce que vous choisissez vous-même l’emporte toujours.
filter-unpublished = Rien n’en est encore publié
filter-entries =
    { $count ->
        [one] { $count } entrée
       *[other] { $count } entrées
    }
filter-hides =
    { $count ->
        [0] Ne masque aucun de vos titres
        [one] Masque { $count } de vos titres
       *[other] Masque { $count } de vos titres
    }
filter-would-hide =
    { $count ->
        [0] Désactivé ; il ne masquerait aucun de vos titres
       *[other] Désactivé ; il masquerait { $count } de vos titres
    }
filter-warns = Il dit quelque chose de { $count } de vos titres sur leur page.
filter-apply = Appliquer ce filtre
filter-apply-hint = Désactivé, il reste à jour et en vie pour les autres, et ne change rien ici.
filter-unfollow-ask = Tout ce que « { $name } » masque sera de nouveau affiché.
filter-see = Voir ce filtre
filter-reason-licence = Raison donnée : la licence a été changée ou retirée.
filter-reason-rights = Raison donnée : quelqu’un d’autre y a des droits.
filter-reason-wrong-file = Raison donnée : ce n’est pas le bon fichier.
filter-reason-malware = Raison donnée : il nuit à la machine qui l’ouvre.
filter-reason-privacy = Raison donnée : il montre ce qu’une personne veut garder privé.
filter-reason-superseded = Raison donnée : un titre plus récent le remplace.
filtered-hide = Le filtre « { $name } » masque ce titre.
filtered-warn = Le filtre « { $name } » met en garde contre ce titre.
filtered-no-seed = Le filtre « { $name } » demande de ne pas partager ce titre : il se repose dès qu’il est ici.
filtered-block = Le filtre « { $name } » bloque ce titre : il est masqué, et n’est ni téléchargé ni partagé.
filtered-show = L’afficher quand même
filtered-shown = Vous affichez ce titre quoi que disent les filtres.
filtered-as-they-say = Suivre les filtres
new-filter = Créer un filtre
new-filter-lead = Un filtre est une liste signée de ce que d’autres devraient écarter : titres, torrents, chaînes. Il ne s’applique qu’à ceux qui le suivent. Sa clé est créée sur cet ordinateur, et son adresse est cette clé.
new-filter-name = Nom du filtre
new-filter-about = Ce qu’il écarte, et pourquoi (si vous voulez)
new-filter-contact-hint = Une adresse électronique ou https:, pour qui pense que quelque chose est sur la liste par erreur. Tous ceux qui suivent le filtre la voient.
new-filter-passphrase-hint = Elle verrouille le secret du filtre sur ce disque. Il la faut pour remplacer la clé, pas pour publier.
new-filter-make = Créer le filtre
restore-filter-instead = Vous avez 24 mots sur du papier ? Retrouvez votre filtre.
filter-words-why = Ils sont le seul moyen de retrouver le filtre si cet ordinateur est perdu, et qui les a le possède. Ils ne sont montrés que cette fois.
entries = Ce qu’il propose d’écarter
entries-text = Ce sont des empreintes qui sont publiées : personne ne peut lire dans la liste ce qui s’y trouve, seulement l’interroger sur ce qu’il connaît. Ce dont parle une entrée n’est gardé que sur cet ordinateur.
entries-find = Trouver une entrée
entries-found =
    { $count ->
        [0] Aucune entrée n’a ces mots
        [one] { $count } entrée a ces mots
       *[other] { $count } entrées ont ces mots
    }
entries-more = En afficher plus
entry-unknown = Quelque chose qui a été saisi sur un autre ordinateur
entry-state-new = viendra avec la prochaine version
entry-state-changed = changera avec la prochaine version
entry-state-removed = partira avec la prochaine version
entry-take-off = Retirer { $name }
entry-keep = Garder { $name }
entry-form = Ajouter une entrée
entry-what = De quoi il s’agit
entry-about-title = Un titre de votre bibliothèque
entry-about-torrent = Un torrent
entry-about-channel = Une chaîne
entry-find = Nom du titre
entry-find-hint = Il est cherché dans votre bibliothèque, sans rien demander à personne.
entry-chosen = Choisi :
entry-other = En choisir un autre
entry-torrents = Ses torrents aussi
entry-torrents-hint = Il est alors visé dans toute chaîne qui a l’un d’eux, et pas dans cette seule chaîne.
entry-hash = Empreinte du torrent ou lien magnet
entry-hash-hint = 40 ou 64 chiffres. Le torrent n’est pas téléchargé.
entry-address = Adresse de la chaîne
entry-address-hint = Tous ses titres sont visés. Elle commence par kinora: et n’est pas contactée.
entry-action = Ce qui est demandé
entry-does-hide = Masquer
entry-does-warn = Mettre en garde
entry-does-no-seed = Ne pas partager
entry-does-block = Bloquer
entry-means-hide = Listes et recherches l’omettent.
entry-means-warn = Sa page le dit.
entry-means-no-seed = On peut le regarder, et il n’est pas donné aux autres.
entry-means-block = Il est masqué, et n’est ni téléchargé ni partagé.
entry-reason = Raison
entry-reason-none = Aucune n’est donnée
entry-reason-licence = la licence a été changée ou retirée
entry-reason-rights = quelqu’un d’autre y a des droits
entry-reason-wrong-file = ce n’est pas le bon fichier
entry-reason-malware = il nuit à la machine qui l’ouvre
entry-reason-privacy = il montre ce qu’une personne veut garder privé
entry-reason-superseded = un titre plus récent le remplace
entry-note = Une note pour vous (si vous voulez)
entry-note-hint = Elle sert à retrouver l’entrée. Elle n’est pas publiée. Laissée vide : le nom de ce que vous avez choisi.
entry-add = L’ajouter
entry-none = Choisissez d’abord de quoi il s’agit.
entry-added = { $name } partira avec la prochaine version.
