type Store = typeof import('@midsentence/store-lmdb')

/** Loads the store. Rejects with `unavailable` and a sentence when LMDB has no native part for this system. */
export async function loadStore(): Promise<Store> {
  try {
    return await import('@midsentence/store-lmdb')
  } catch (cause) {
    const { MidsentenceError } = await import('@midsentence/core')
    const { platform, arch, version } = process
    throw new MidsentenceError(
      'unavailable',
      `Data on disk needs the package lmdb, which cannot be loaded on ${platform} ${arch} with Node.js ${version}: ` +
        'install it (npm install lmdb), or run midsentence serve --memory, which keeps nothing on disk.',
      { cause },
    )
  }
}
