/** Name of the capability of a server that wakes Claude Code. */
export const CHANNEL_CAPABILITY = 'claude/channel'
