import type { Policy } from '@midsentence/core'

/** Room in which the demo plays. */
export const demoRoom = 'demo'

/**
 * Policy that shows and records the drafts of the demo room, of which participants are told when they join, and shows its
 * messages to those who come later.
 */
export const demoPolicy: Pick<Policy, 'access'> = {
  access: room => ({ observable: room === demoRoom, recorded: room === demoRoom, history: room === demoRoom }),
}
