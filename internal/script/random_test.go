package script

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestRandomPrograms runs programs of assignments, loops, functions and conditions
// here and in a real redis-server: gopher-lua is another compiler than Redis's.
func TestRandomPrograms(t *testing.T) {
	both := newBoth(t, "2")
	for seed := range uint64(2000) {
		g := generator{Rand: rand.New(rand.NewPCG(seed, 0))}
		program := g.program()
		here, there := both.ours.do("EVAL", program, "0"), both.redis.do("EVAL", program, "0")
		if unnamed(here) != unnamed(there) {
			t.Fatalf("seed %d:\n%s\nhere:  %q\nRedis: %q", seed, program, here, there)
		}
	}
}

// unnamed is a reply without what messages call the values that are wrong: Lua says
// it where it can tell, and sometimes wrongly.
func unnamed(reply string) string {
	reply = strings.ReplaceAll(reply, "-nan", "nan") // whose sign is the processor's
	reply = strings.ReplaceAll(reply, "-inf", "inf") // one through 0, of which it is
	reply = zero.ReplaceAllString(reply, "0$1")      // there is no -0 here
	return lengths.ReplaceAllString(named.ReplaceAllString(reply, "a $1 value"), "$$")
}

var (
	named   = regexp.MustCompile(`\w+ '[^']*' \(a (\w+) value\)`)
	zero    = regexp.MustCompile(`-0([^.\d])`)
	lengths = regexp.MustCompile(`\$\d+`)
)

// generator writes programs. Variables are a to e, all there from the beginning,
// and t, a table. How long one with holes is Lua leaves open, so nobody asks.
type generator struct {
	*rand.Rand
	out   strings.Builder
	depth int
}

func (g *generator) program() string {
	g.out.WriteString("local a, b, c, d, e, t = 1, 2, 'x', 4.5, nil, {5, 6, 7, k = 8}\nlocal n = 0\n")
	g.block(6)
	g.out.WriteString("local function s(v) if type(v) == 'table' then return 'table' .. tostring(v.k) end if type(v) == 'function' then return 'function' end return tostring(v) end\n")
	g.out.WriteString("return {s(a), s(b), s(c), s(d), s(e), s(t), s(t and type(t) == 'table' and t[1]), n}")
	return g.out.String()
}

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *generator) variable() string { return g.pick("a", "b", "c", "d", "e") }

func (g *generator) place() string {
	return g.pick("a", "b", "c", "d", "e", "t[1]", "t[2]", "t.k", "t[type(a)]", "t[tostring(b)]")
}

func (g *generator) expr(deep int) string {
	if deep == 0 {
		return g.pick("a", "b", "c", "d", "e", "t[1]", "t.k", "1", "2.5", "-3", "'s'", "'10'", "nil", "true", "false", strconv.Itoa(g.IntN(100)), "n")
	}
	x, y := g.expr(deep-1), g.expr(g.IntN(deep))
	switch g.IntN(12) {
	case 0, 1:
		return fmt.Sprintf("(%s %s %s)", x, g.pick("+", "-", "*", "/"), y)
	case 2: // of fractions Go's powers and gopher-lua's rests are other ones in the last digits
		return fmt.Sprintf("(%s %s)", x, g.pick("% 3", "% 7", "% -5", "^ 2"))
	case 3:
		return fmt.Sprintf("(%s .. %s)", x, y)
	case 4, 5:
		return fmt.Sprintf("(%s %s %s)", x, g.pick("and", "or"), y)
	case 6:
		return fmt.Sprintf("(%s %s %s)", x, g.pick("==", "~=", "<", "<=", ">", ">="), y)
	case 7:
		return "(" + g.pick("not ", "- ", "#'s' .. ") + x + ")"
	case 8:
		return fmt.Sprintf("(function(...) local p, q = ... return %s end)(%s, %s)", g.pick("p", "q", "p, q", "q or p", "select('#', ...)"), x, y)
	case 9:
		return fmt.Sprintf("tostring(%s)", x)
	case 10:
		return fmt.Sprintf("({%s, %s, k = %s})%s", x, y, x, g.pick("[1]", "[2]", ".k", "[3]"))
	}
	return fmt.Sprintf("type(%s)", x)
}

func (g *generator) block(n int) {
	for range 1 + g.IntN(n) {
		g.statement()
	}
}

func (g *generator) line(format string, a ...any) { fmt.Fprintf(&g.out, format+"\n", a...) }

func (g *generator) statement() {
	if g.depth++; g.depth > 3 {
		g.line("%s = %s", g.variable(), g.expr(1))
		g.depth--
		return
	}
	defer func() { g.depth-- }()
	switch g.IntN(12) {
	case 0, 1:
		g.line("%s = %s", g.place(), g.expr(2))
	case 2:
		g.line("%s, %s = %s, %s", g.place(), g.place(), g.expr(1), g.expr(1))
	case 3:
		g.line("%s, %s, %s = %s, %s", g.place(), g.place(), g.place(), g.expr(1), g.expr(2))
	case 4:
		g.line("if %s then", g.expr(2))
		g.block(3)
		g.line("elseif %s then", g.expr(1))
		g.block(2)
		g.line("else")
		g.block(2)
		g.line("end")
	case 5:
		g.line("for i = %d, %d, %s do local a = i n = n + i", g.IntN(5), g.IntN(8), g.pick("1", "2", "-1", "0.5"))
		g.block(2)
		g.line("if n > 200 then break end end")
	case 6:
		g.line("do local a, %s = %s, %s", g.variable(), g.expr(1), g.expr(1))
		g.block(3)
		g.line("end")
	case 7:
		g.line("local function f(a, ...) local b = a")
		g.block(2)
		g.line("return b, %s end", g.expr(1))
		g.line("%s, %s = f(%s)", g.place(), g.place(), g.expr(1))
	case 8:
		g.line("local ok, err = pcall(function()")
		g.block(3)
		g.line("end) n = n + 1 if not ok then c = err end")
	case 9:
		g.line("repeat local stop = n > %d n = n + 3", g.IntN(20))
		g.block(2)
		g.line("until stop")
	case 10:
		g.line("for i, v in ipairs({%s, %s}) do local b = v", g.expr(1), g.expr(1))
		g.block(2)
		g.line("end")
	case 11:
		g.line("local fs = {} for i = 1, 2 do local x = i + n fs[i] = function() x = x + 1 return x end end n = n + fs[1]() + fs[1]() + fs[2]()")
	}
}

// TestRandomStructures packs structures here and in a real redis-server, which must
// give the same bytes, and unpacks them again. Tables have one key each that is no
// number: in which order several come is anyone's.
func TestRandomStructures(t *testing.T) {
	both := newBoth(t, "2")
	d := rand.New(rand.NewPCG(7, 0))
	for range 600 {
		s := structure(d, 4)
		for _, script := range []string{
			"return cjson.encode(" + s + ")",
			"return cjson.encode(cjson.decode(cjson.encode(" + s + ")))",
			"return cmsgpack.pack(" + s + ")",
			"return cmsgpack.pack(cmsgpack.unpack(cmsgpack.pack(" + s + ")))",
			"return {" + s + "}",
		} {
			if strings.Contains(script, "cmsgpack.unpack") && strings.Contains(s, "null") {
				continue // it makes holes
			}
			if !both.same("EVAL", script, "0") {
				t.FailNow()
			}
		}
	}
}

func structure(d *rand.Rand, deep int) string {
	kind := d.IntN(9)
	if deep == 0 {
		kind = d.IntN(6)
	}
	switch kind {
	case 0:
		return strconv.FormatInt(d.Int64N(1<<d.IntN(53))-1<<d.IntN(33), 10)
	case 1:
		return strconv.FormatFloat(d.NormFloat64()*float64(int64(1)<<d.IntN(40)), 'g', 17, 64)
	case 2:
		return []string{"true", "false", "cjson.null", "0.5", "''"}[d.IntN(5)]
	case 3, 4:
		var text strings.Builder
		for range d.IntN(50) {
			fmt.Fprintf(&text, `\%03d`, d.IntN(256))
		}
		return "'" + text.String() + "'"
	case 5:
		return "string.rep('z', " + strconv.Itoa(d.IntN(300)) + ")"
	case 6:
		return fmt.Sprintf("{[%q]=%s}", strconv.Itoa(d.IntN(5)), structure(d, deep-1))
	}
	elements := make([]string, d.IntN(20))
	for i := range elements {
		elements[i] = structure(d, deep-1)
	}
	return "{" + strings.Join(elements, ",") + "}"
}

// TestRandomPatterns matches random patterns against random texts.
func TestRandomPatterns(t *testing.T) {
	both := newBoth(t, "2")
	d := rand.New(rand.NewPCG(3, 0))
	pieces := []string{"a", "b", ".", "%a", "%d", "%s", "%w", "[ab]", "[^a]", "[a-c%d]", "*", "+", "-", "?", "(", ")", "()", "^", "$", "%1", "%b()", "%f[%a]", "%", "[", "]", "%p", "%%"}
	for range 3000 {
		pattern, text := "", ""
		for range 1 + d.IntN(6) {
			pattern += pieces[d.IntN(len(pieces))]
		}
		for range d.IntN(10) {
			text += string("ab1 ()c."[d.IntN(8)])
		}
		script := `local r = {pcall(string.find, ARGV[1], ARGV[2])} local g = {pcall(string.gsub, ARGV[1], ARGV[2], '<%0>')} local m = {pcall(string.match, ARGV[1], ARGV[2], 2)}
			for i = 1, 8 do r[i] = tostring(r[i]) .. '|' .. tostring(g[i]) .. '|' .. tostring(m[i]) end return r`
		if !both.same("EVAL", script, "0", text, pattern) {
			t.FailNow()
		}
	}
}
