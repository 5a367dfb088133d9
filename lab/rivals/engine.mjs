// webtorrent and peerflix as programs: each downloads, seeds, and streams over HTTP. Run by `programs.py`.
//
//   node engine.mjs NAME FOLDER HOST PORT CONTROL
import fs from 'node:fs'
import readline from 'node:readline'

const [name, folder, host, port, control] = process.argv.slice(2)
const say = (what) => process.stdout.write(JSON.stringify(what) + '\n')
const named = (torrent) => (torrent.startsWith('magnet:') ? torrent : fs.readFileSync(torrent))
const once = (what, event) => new Promise((resolve) => what.once(event, resolve))

async function webtorrent() {
  const { default: WebTorrent } = await import('webtorrent')
  const alone = { dht: false, tracker: false, lsd: false, utPex: false, natUpnp: false, natPmp: false }
  const client = new WebTorrent({ ...alone, utp: false, secure: 0, torrentPort: Number(port) })
  client.on('error', (why) => console.error(why))
  await once(client, 'listening')
  let torrent
  return {
    async add(what, peers, job) {
      const ready = new Promise((resolve) => {
        torrent = client.add(named(what), { path: folder }, resolve)
      })
      if (!torrent.infoHash) await once(torrent, 'infoHash')
      for (const peer of peers) torrent.addPeer(peer)
      if (job !== 'stream') return {}
      await ready
      const { server } = client.createServer()
      server.listen(Number(control), '127.0.0.1')
      await once(server, 'listening')
      const path = encodeURI(torrent.files[0].path)
      return { url: `http://127.0.0.1:${control}/webtorrent/${torrent.infoHash}/${path}` }
    },
    done: () => torrent.done,
  }
}

async function peerflix() {
  const { default: stream } = await import('peerflix')
  const { default: fetch } = await import('torrent-stream')
  let whole = false
  return {
    async add(what, peers, job) {
      const how = { path: folder, tmp: folder, dht: false, tracker: false, verify: job === 'seed' }
      if (job === 'stream') {
        const place = { port: Number(control), hostname: '127.0.0.1', peerPort: Number(port) }
        const engine = stream(named(what), { ...how, ...place })
        for (const peer of peers) engine.connect(peer)
        await once(engine.server, 'listening')
        return { url: `http://127.0.0.1:${control}/0` }
      }
      const engine = fetch(named(what), how)
      engine.listen(Number(port), host)
      for (const peer of peers) engine.connect(peer)
      engine.on('ready', () => {
        whole = job === 'seed'
        if (!whole) engine.files.forEach((file) => file.select())
      })
      engine.on('idle', () => {
        whole = true
      })
      return {}
    },
    done: () => whole,
  }
}

const engine = await { webtorrent, peerflix }[name]()
say({})
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { do: what, torrent, peers, job } = JSON.parse(line)
  say(what === 'add' ? await engine.add(torrent, peers, job) : { done: engine.done() })
}
process.exit(0)
