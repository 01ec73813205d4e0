package pycall

import (
	"strings"
)

// word is a part of what a method sends: one of the forms that parseWords
// describes. text is what goes before the arguments, if anything.
type word struct {
	form   form
	text   string
	param  int  // the place of the argument among the parameters
	second int  // of the form's second argument
	number bool // Spell writes the argument as a number
}

type form uint8

const (
	fixed form = iota
	argument
	given
	pair
	flag
	present
	changed
	further
	each
	count
	countFurther
	listOrArgs
	fields
	scores
	keyValue
	weights
)

// parseWords reads how a method makes a command of its arguments. The parts,
// with a space between them, are
//
//	GET               the word itself
//	CONFIG|GET        the words of a command with a subcommand
//	""                an empty word
//	name              the argument
//	EX=ex             EX and the argument, unless it is None
//	=count            the argument, unless it is None
//	LIMIT=start,num   LIMIT and both arguments, unless they are None
//	=start,end        both arguments, unless they are None
//	NX?nx             NX, if the argument is true
//	NOVALUES!values   NOVALUES, unless the argument is None
//	COUNT~count       COUNT and the argument, unless it is the default
//	*                 all further arguments
//	@keys             each element; nothing for None where that is the default
//	#keys             how many elements there are
//	#*                how many further arguments there are
//	+keys             each element, or the argument if it is no list, and all further arguments
//	mapping:kv        each key and its value
//	mapping:vk        each value and its key
//	key&value         both arguments, unless the first is None
//	WEIGHTS^keys      WEIGHTS and each value, if the argument is a mapping
//	^streams          each value, if the argument is a mapping
//
// A parameter with % before its name is a number; that is for Spell only. A
// name stands for itself where there is no such parameter.
func parseWords(text string, s *signature) []word {
	var words []word
	for _, part := range strings.Fields(text) {
		for name := range strings.SplitSeq(part, "|") {
			words = append(words, parseWord(name, s))
		}
	}
	return words
}

func parseWord(part string, s *signature) word {
	var w word
	place := func(name string) int {
		bare := strings.TrimPrefix(name, "%")
		w.number = bare != name
		i := s.index(bare)
		if i < 0 {
			panic("pycall: no parameter for " + part)
		}
		return i
	}
	if at := strings.IndexAny(part, "=?!~*@#+:&^"); at >= 0 {
		left, right := part[:at], part[at+1:]
		switch part[at] {
		case '=':
			w.form, w.text = given, left
			if first, second, both := strings.Cut(right, ","); both {
				w.form, w.param, w.second = pair, place(first), place(second)
			} else {
				w.param = place(right)
			}
		case '?':
			w.form, w.text, w.param = flag, left, place(right)
		case '!':
			w.form, w.text, w.param = present, left, place(right)
		case '~':
			w.form, w.text, w.param = changed, left, place(right)
		case '*':
			w.form = further
		case '@':
			w.form, w.param = each, place(right)
		case '#':
			if w.form = countFurther; right != "*" {
				w.form, w.param = count, place(right)
			}
		case '+':
			w.form, w.param = listOrArgs, place(right)
		case ':':
			w.form, w.param = fields, place(left)
			if right == "vk" {
				w.form = scores
			}
		case '&':
			w.form, w.param, w.second = keyValue, place(left), place(right)
		case '^':
			w.form, w.text, w.param = weights, left, place(right)
		}
		return w
	}
	if strings.HasPrefix(part, "%") || s.index(part) >= 0 {
		w.form, w.param = argument, place(part)
		return w
	}
	w.text = strings.Trim(part, `"`)
	return w
}
