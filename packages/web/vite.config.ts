import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

/** Writes a `.gz` and a `.br` beside every asset, so that the server compresses nothing. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  writeBundle({ dir }) {
    const assets = join(dir!, 'assets')
    for (const name of readdirSync(assets)) {
      const content = readFileSync(join(assets, name))
      writeFileSync(join(assets, `${name}.gz`), gzipSync(content, { level: 9 }))
      writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content))
    }
  },
}

/** The server of `npm run dev` in this folder passes calls on to this address. */
const server = process.env.MIDSENTENCE_URL ?? 'http://127.0.0.1:8890'

export default defineConfig({
  // Relative, so that the page works below any path.
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: { conditions: ['@midsentence/source', 'es2015', 'browser', 'module', 'import', 'default'] },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    license: { fileName: 'third-party.md' },
    // What a WebSocket needs is one file.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'socket', test: /transport-ws|rpc-client/ }] } } },
  },
  plugins: [compressed],
  server: { proxy: { '/rpc': server, '/rooms': server, '/ws': { target: server, ws: true } } },
})
