import { fromJsonSchema, type McpServer, type Server } from '@modelcontextprotocol/server'
import { noValidation } from '../no-validation.ts'
import { type EventsOptions, eventMethodNames, type Params } from './events-options.ts'

/** Name of the extension among the capabilities. */
const EVENTS_EXTENSION = 'io.modelcontextprotocol/events'

/** Serves the Events extension (SEP-3415) for the messages of a room. Call it before the server connects. */
export function serveEvents({ server }: McpServer, options: EventsOptions): void {
  // Clients of the draft look for `events`; the final text has it among the extensions.
  const capabilities = { extensions: { [EVENTS_EXTENSION]: {} }, events: {} }
  server.registerCapabilities(capabilities as Parameters<Server['registerCapabilities']>[0])
  const params = fromJsonSchema<Params>({ type: 'object' }, noValidation)
  for (const method of eventMethodNames) {
    server.setRequestHandler(method, { params }, async (request, context) => {
      // Loaded here, because a host waits for the first answers.
      const { eventMethods } = await import('./event-methods.ts')
      return eventMethods(options)[method](request ?? {}, context)
    })
  }
}
