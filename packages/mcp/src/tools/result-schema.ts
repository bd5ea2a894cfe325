import type { JsonSchemaType } from '@modelcontextprotocol/server'

/** Schema of the structured content of a result. */
export const resultSchema: JsonSchemaType = {
  type: 'object',
  properties: {
    status: { type: 'integer', description: '1 done, 2 partly done, 0 nothing done.' },
    messages: {
      type: 'array',
      description: 'What others said meanwhile, oldest first, each once.',
      items: {
        type: 'object',
        properties: {
          seq: { type: 'integer' },
          sender_id: { type: 'string' },
          content: { type: 'string' },
          timestamp: { type: 'string' },
        },
        required: ['seq', 'sender_id', 'content', 'timestamp'],
      },
    },
    held: { type: 'boolean', description: 'Nothing was sent: somebody spoke first. The draft is kept.' },
    draft: { type: 'string' },
    present: { type: 'array', items: { type: 'string' } },
    writing: { type: 'array', items: { type: 'string' }, description: 'Who is writing.' },
  },
}
