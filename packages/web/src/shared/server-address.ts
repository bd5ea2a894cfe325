/** Returns the address of the server: the folder that this page came from, without a slash at its end. */
export const serverAddress = (): string => new URL('.', location.href).href.replace(/\/$/, '')

/** Returns the address for a WebSocket of the same server. */
export const socketAddress = (): string => serverAddress().replace(/^http/, 'ws')

/** Whether the server of this page requires a password or another credential. It says so in the page. */
export const requiresCredential = (): boolean =>
  document.querySelector<HTMLMetaElement>('meta[name=credential]')?.content === 'required'
