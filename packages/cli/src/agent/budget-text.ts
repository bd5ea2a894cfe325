import type { ConversationResult } from '@midsentence/agent'
import { shownName } from '@midsentence/client'

/** What a model used, and its budget where there is one to name. */
export interface BudgetUse extends Pick<ConversationResult, 'sent' | 'turns' | 'tokens' | 'estimated'> {
  readonly name: string
  readonly budget?: { readonly turns: number; readonly tokens: number }
}

/** Sums up what a model used, in a sentence. */
export function budgetText({ name, sent, turns, tokens, estimated, budget }: BudgetUse): string {
  const messages = `${number(sent)} ${sent === 1 ? 'message' : 'messages'}`
  const allTurns = budget ? ` of ${number(budget.turns)}` : ''
  const allTokens = budget ? ` of ${number(budget.tokens)}` : ''
  const noun = (budget?.turns ?? turns) === 1 ? 'turn' : 'turns'
  // An endpoint that reports no usage leaves an estimate.
  const about = estimated ? 'about ' : ''
  return `${shownName(name)} sent ${messages} in ${number(turns)}${allTurns} ${noun}, with ${about}${number(tokens)}${allTokens} tokens.`
}

const number = (count: number) => count.toLocaleString('en')
