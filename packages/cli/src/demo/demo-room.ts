import type { Policy } from '@midsentence/core'

/** Room in which the demo plays. */
export const demoRoom = 'demo'

/** Policy that shows and records the drafts of the demo room. Participants are told so when they join. */
export const demoPolicy: Pick<Policy, 'access'> = {
  access: room => ({ observable: room === demoRoom, recorded: room === demoRoom }),
}
