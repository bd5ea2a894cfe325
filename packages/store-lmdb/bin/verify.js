// Started by verifyStore and lmdbStore: reading damaged pages can end the process that does it.
const [, , path, what] = process.argv

if (what === 'pages') {
  const { readPages } = await import('../dist/directory/read-pages.js')
  await readPages(path)
} else {
  const { verifyInProcess } = await import('../dist/copies/verify-in-process.js')
  process.stdout.write(JSON.stringify(await verifyInProcess(path, what)))
}
