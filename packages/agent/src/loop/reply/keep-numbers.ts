/** Words for 0 to 10 in the languages in which models were seen to answer. The place in a row is the number. */
const rows = [
  'zero one two three four five six seven eight nine ten',
  'null eins zwei drei vier fünf sechs sieben acht neun zehn',
  'zéro un deux trois quatre cinq six sept huit neuf dix',
  'cero uno dos tres cuatro cinco seis siete ocho nueve diez',
  'zero uno due tre quattro cinque sei sette otto nove dieci',
  'zero um dois três quatro cinco seis sete oito nove dez',
  'nul een twee drie vier vijf zes zeven acht negen tien',
  'ноль один два три четыре пять шесть семь восемь девять десять',
  'صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة',
  'शून्य एक दो तीन चार पांच छह सात आठ नौ दस',
  '零 一 二 三 四 五 六 七 八 九 十',
  '〇 壱 两 叁 肆 伍 陆 柒 捌 玖 拾',
  '영 하나 둘 셋 넷 다섯 여섯 일곱 여덟 아홉 열',
]
const none =
  'none nothing keine keins aucun aucune ninguno ninguna nessuno nessuna nenhum nenhuma geen ничего нет 无 なし 없음'
const all =
  'all everything alle alles tout tous toutes todo todos todas tutto tutti tutte tudo все всё كل सब 全部 全て すべて 모두'
/** Words around the number. */
const fillers =
  'a i ill will my the is are was answer keep kept keeping keeps retain part parts count number first still stand standing by ' +
  'of them segment segments piece pieces verdict ich behalte behalten teil teile die ersten je garde garder parties les ' +
  'premières conservo conservar mantengo mantener partes primeras tengo parti mantenho manter ik behoud delen ' +
  'оставить оставляю части частей часть احتفظ أجزاء रखें भाग 保留 保持 部分 个 個 段 残す つ 유지 개'

const words = (text: string) => new Set(text.split(' '))
const [noneWords, allWords, fillerWords] = [words(none), words(all), words(fillers)]
const numbers = new Map(rows.flatMap(row => row.split(' ').map((word, n) => [word, n] as const)))
/** Splits what scripts without spaces write together, such as 保留2个部分. */
const spaceless =
  /(保留|保持|部分|全部|全て|すべて|なし|残す|유지|[个個段つ개〇零一二三四五六七八九十两壱叁肆伍陆柒捌玖拾无])/gu
const zeros = /^\p{Nd}$/u

/** Writes the digits of any script as 0 to 9. Each script has its ten digits in a row. */
const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, digit => {
    const code = digit.codePointAt(0)!
    let zero = code
    while (code - zero < 9 && zeros.test(String.fromCodePoint(zero - 1))) zero--
    return String((code - zero) % 10)
  })

/** Reads how many of `of` parts a line keeps. Undefined if the line says anything else, or cannot be sure. */
export function readKeepCount(line: string, of: number): number | undefined {
  const plain = asciiDigits(line.normalize('NFKC'))
    .toLowerCase()
    .replace(/<\/?[a-z_]+>/g, ' ')
    .replace(/['’]/g, '')
  // A negative number, a decimal, or a sentence: no count.
  if (plain.length > 80 || /(?:^|\s)[-−]\s*\d|\d\.\d/.test(plain)) return undefined
  const range = plain
    .replace(spaceless, ' $1 ')
    .replace(/\b(?:out of|of the|of|von|de|sur|di|из)\s+(?=\d|\p{L})/gu, ' / ')
    .replace(/\b(?:to|through|bis|and|und|et|y)\b|[-–—~&,]/gu, ' - ')
    .replace(/[/⁄]/g, ' / ')
    .replace(/[^\p{L}\p{M}\p{N}/-]+/gu, ' ')
  const found: (number | '/' | '-')[] = []
  for (const word of range.split(' ')) {
    if (word === '' || (found.length === 0 && word === '-')) continue
    if (word === '/' || word === '-') found.push(word)
    else if (/^\d{1,6}$/.test(word)) found.push(Number(word))
    else if (numbers.has(word)) found.push(numbers.get(word)!)
    else if (word === 'both') found.push(2)
    else if (noneWords.has(word)) found.push(0)
    else if (allWords.has(word)) found.push(of)
    else if (!fillerWords.has(word)) return undefined
  }
  while (typeof found.at(-1) === 'string') found.pop()
  const counts = found.filter(item => typeof item === 'number')
  const inOrder = counts.every((count, at) => count === at + 1)
  const signs = found.filter(item => typeof item === 'string')
  const ok =
    counts.length === 1
      ? // "part 2" alone may mean only the second.
        (!/\b(?:part|teil|parte|partie) \d/.test(range) || counts[0]! < 2) && signs.every(sign => sign === '/')
      : counts.length === 2 && signs.length === 1 && signs[0] === '/'
        ? counts[1] === of
        : signs.length > 0 && signs.every(sign => sign === '-') && (inOrder || (counts.length === 2 && counts[0] === 1))
  const count = signs[0] === '/' ? counts[0] : counts.at(-1)
  return ok && count !== undefined && count <= of ? count : undefined
}
