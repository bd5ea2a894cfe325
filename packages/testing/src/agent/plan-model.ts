import { PERSON, type Task, type TaskMessage } from '@midsentence/arena'
import type { Exchange } from './fake-endpoint.ts'

/** What a prompt of `converse` shows to a model: who it is, what was said, and the parts of its draft, if it reviews one. */
interface ShownPrompt {
  readonly author: string
  readonly messages: readonly TaskMessage[]
  readonly parts: readonly string[] | undefined
}

/** Returns the answer of a perfect model to a prompt of `converse`: what the task's plan says, or what is left of it after its draft. */
export function answerByPlan(exchange: Pick<Exchange, 'messages'>, authors: readonly string[], task: Task): string {
  const { author, messages, parts } = readPrompt(exchange, authors)
  const plan = task.plan(author, messages)
  if (!plan) return '-'
  const text = plan.join('')
  if (!parts) return text
  const isPrefix = (count: number) => plain(text).startsWith(plain(parts.slice(0, count).join(' ')))
  let kept = parts.length
  while (!isPrefix(kept)) kept--
  return `KEEP ${kept}\n${plain(text)
    .slice(plain(parts.slice(0, kept).join(' ')).length)
    .trim()}`
}

const plain = (text: string): string => text.replace(/\s+/g, ' ').trim()

function readPrompt({ messages: prompt }: Pick<Exchange, 'messages'>, authors: readonly string[]): ShownPrompt {
  const author = /^You are "([^"]+)"/.exec(prompt[0]!.content)![1]!
  const said: Omit<TaskMessage, 'seq'>[] = []
  let parts: string[] | undefined
  for (const { role, content } of prompt.slice(1)) {
    if (role === 'assistant') said.push(...content.split('\n').map(line => ({ sender_id: author, content: line })))
    else
      for (const line of content.split('\n')) {
        if (/written so far/.test(line)) parts = []
        const [, name, text] = /^([^:]+): (.*)$/.exec(line) ?? []
        if (name === undefined || text === undefined) continue
        if (authors.includes(name) || name === PERSON) said.push({ sender_id: name, content: text })
        else if (/^\d+$/.test(name)) parts?.push(text)
      }
  }
  return { author, parts, messages: said.map((message, index) => ({ seq: index + 1, ...message })) }
}
