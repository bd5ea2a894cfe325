import * as z from 'zod'
import { MidsentenceError } from '../../errors.ts'
import { displayValue, quote } from '../display-value.ts'
import type { Params } from '../requests.ts'
import { type ParameterRule, parameterRules } from './parameters.ts'

const invalid = (message: string) => new MidsentenceError('invalid-params', message)

/** The most things that one error names. */
const most = 3

/** What is said of a parameter, also of one that may be left out. */
function ruleOf(schema: z.ZodObject, name: string): ParameterRule {
  const found = schema.shape[name] as z.ZodType
  return parameterRules.get(found instanceof z.ZodExactOptional ? (found.def.innerType as z.ZodType) : found)!
}

function missing(name: string, must: string, method: string, params: Params): string {
  const came = Object.keys(params)
    .slice(0, most)
    .map(each => quote(each))
  const others = came.length > 0 ? `, and what came is named ${came.join(', ')}` : ''
  return `The parameter ${quote(name)} of ${method} is missing${others}: it must ${must}.`
}

function sentence(method: string, schema: z.ZodObject, params: Params, name: string): string {
  const { must, secret } = ruleOf(schema, name)
  const value = (params as Readonly<Record<string, unknown>>)[name]
  if (value === undefined) return missing(name, must, method, params)
  return `The parameter ${quote(name)} of ${method} must ${must}, but ${displayValue(value, secret)} came.`
}

/** The params of a call as its schema has them. Throws `invalid-params`, naming what is wrong and what would be right. */
export function readParams<S extends z.ZodObject>(method: string, schema: S, params: Params): z.output<S> {
  if (Array.isArray(params)) {
    throw invalid(`The params of ${method} go by name: send an object with a member for each, not a list.`)
  }
  const { data, error } = schema.safeParse(params)
  if (!error) return data
  const names = new Set(error.issues.map(({ path }) => String(path[0])))
  throw invalid(
    [...names]
      .slice(0, most)
      .map(name => sentence(method, schema, params, name))
      .join(' '),
  )
}
