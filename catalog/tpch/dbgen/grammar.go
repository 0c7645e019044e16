package dbgen

// The pool's sentences come from one stream. A writer makes them one after
// another from any seed that starts a sentence.

// poolSeed starts the stream of the pool's first sentence.
const poolSeed = 933588178

// maxSentence bounds the length of one sentence: at most three noun phrases
// of four words, two prepositions and a verb phrase, each word below 16 bytes.
const maxSentence = 256

// wordBytes is the fixed width in which words are copied.
const wordBytes = 16

// token is a word with its trailing blank, padded so that a copy of fixed
// width writes it; the bytes after it are overwritten by the next word.
type token struct {
	text [wordBytes]byte
	size uint8
}

// choice picks an entry by weight: slot[r] is the entry of random value r.
type choice struct {
	slot   []uint8
	tokens []token
}

// grammar is the pool's grammar in the form the writer walks.
type grammar struct {
	noun, verb, adverb, adjective, preposition, auxiliary, terminator choice
	sentence, nounPhrase, verbPhrase                                  choice
}

// newGrammar expands the weighted word lists.
func newGrammar() *grammar {
	return &grammar{
		noun: newChoice(nouns), verb: newChoice(verbs), adverb: newChoice(adverbs),
		adjective: newChoice(adjectives), preposition: newChoice(prepositions),
		auxiliary: newChoice(auxiliaries), terminator: newChoice(terminators),
		sentence: newChoice(sentences), nounPhrase: newChoice(nounPhrases), verbPhrase: newChoice(verbPhrases),
	}
}

// newChoice expands one list.
func newChoice(words []weighted) choice {
	var c choice
	for i, w := range words {
		t := token{size: uint8(len(w.text) + 1)}
		t.text[copy(t.text[:], w.text)] = ' '
		c.tokens = append(c.tokens, t)
		for range w.weight {
			c.slot = append(c.slot, uint8(i))
		}
	}
	return c
}

// writer appends sentences to a buffer that always has maxSentence bytes of
// room past its position.
type writer struct {
	g    *grammar
	seed uint64
	buf  []byte
	pos  int
}

// pick draws the next entry of a list.
func (w *writer) pick(c *choice) int {
	w.seed = mulmod(w.seed, multiplier)
	return int(c.slot[uniform(uint32(w.seed), uint64(len(c.slot)))])
}

// word draws a word of a list and writes it with its blank.
func (w *writer) word(c *choice) {
	t := &c.tokens[w.pick(c)]
	*(*[wordBytes]byte)(w.buf[w.pos:]) = t.text
	w.pos += int(t.size)
}

// sentence writes one sentence and the blank behind it.
func (w *writer) sentence() {
	g := w.g
	switch w.pick(&g.sentence) {
	case 0:
		w.nounPhrase()
		w.verbPhrase()
	case 1:
		w.nounPhrase()
		w.verbPhrase()
		w.prepositional()
	case 2:
		w.nounPhrase()
		w.verbPhrase()
		w.nounPhrase()
	case 3:
		w.nounPhrase()
		w.prepositional()
		w.verbPhrase()
		w.nounPhrase()
	default:
		w.nounPhrase()
		w.prepositional()
		w.verbPhrase()
		w.prepositional()
	}
	w.pos-- // the terminator stands at the last word, in place of its blank
	w.word(&g.terminator)
}

// prepositional writes a preposition, the article and a noun phrase.
func (w *writer) prepositional() {
	w.word(&w.g.preposition)
	*(*[4]byte)(w.buf[w.pos:]) = [4]byte{'t', 'h', 'e', ' '}
	w.pos += 4
	w.nounPhrase()
}

func (w *writer) nounPhrase() {
	g := w.g
	switch w.pick(&g.nounPhrase) {
	case 0:
	case 1:
		w.word(&g.adjective)
	case 2:
		w.word(&g.adjective)
		w.buf[w.pos-1] = ','
		w.buf[w.pos] = ' '
		w.pos++
		w.word(&g.adjective)
	default:
		w.word(&g.adverb)
		w.word(&g.adjective)
	}
	w.word(&g.noun)
}

func (w *writer) verbPhrase() {
	g := w.g
	switch w.pick(&g.verbPhrase) {
	case 0:
		w.word(&g.verb)
	case 1:
		w.word(&g.auxiliary)
		w.word(&g.verb)
	case 2:
		w.word(&g.verb)
		w.word(&g.adverb)
	default:
		w.word(&g.auxiliary)
		w.word(&g.verb)
		w.word(&g.adverb)
	}
}
