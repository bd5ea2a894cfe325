// @ts-expect-error: plain JavaScript, since `.ci/run` runs it as it is
import * as hosts from '../../scripts/install-hosts.mjs'

/** A package of npm with its exact version. */
export type PinnedPackage = `${string}@${string}`

/** Installs a package outside of the repository, unless it is there, and returns the folder of its commands. */
export const installed: (pinned: PinnedPackage) => Promise<string> = hosts.installed

/** Returns the folder of a package's commands, whether it is there or not. */
export const commandsOf: (pinned: PinnedPackage) => string = hosts.commandsOf
