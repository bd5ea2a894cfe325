import type { HubOptions } from '@midsentence/server'

/** Where Claude and GPT meet. */
export const demoRoom = 'demo'

/** Rooms in which drafts of the demo may be watched; whoever joins is told. */
export const demoRooms: HubOptions = {
  policy: { room: () => ({}), limits: () => ({}), access: room => ({ observable: room === demoRoom }) },
}
