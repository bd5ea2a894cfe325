import type { LocalAdmin } from '@midsentence/core/hub'

/** The calls of the admin API that are about one room. */
export type AdminCall = 'rooms' | 'participants' | 'remove' | 'close' | 'open' | 'hush' | 'erase'

/** Makes a call of the admin API. What it throws becomes a rejection. */
export async function runAdmin(admin: LocalAdmin, call: AdminCall, args: readonly unknown[]): Promise<unknown> {
  return (admin[call] as (...args: readonly unknown[]) => unknown).apply(admin, [...args])
}
