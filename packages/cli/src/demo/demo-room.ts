import type { Policy } from '@midsentence/core'

/** Room in which the demo plays. */
export const demoRoom = 'demo'

/** Policy that makes drafts in the demo room visible to watchers. Participants are told so when they join. */
export const demoPolicy: Pick<Policy, 'access'> = { access: room => ({ observable: room === demoRoom }) }
