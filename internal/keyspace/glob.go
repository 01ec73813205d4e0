package keyspace

// glob reports whether s matches a pattern of Redis: * any bytes, ? any byte,
// [abc], [a-z] and [^a] one of some bytes, \ takes the next byte as it is. An
// unfinished class ends with the pattern.
//
// Where what follows a * does not match, it is tried further on in s. Going back
// to the last * is enough, for an earlier one would only find the same again,
// so this takes at most len(pattern)*len(s) steps.
//
// Of the patterns that consist of stars only * itself matches the empty string.
func glob(pattern, s string) bool {
	if s == "" {
		return pattern == "" || pattern == "*"
	}
	star, from := -1, 0 // where in pattern the last * ended; where in s what follows it is tried
	p, i := 0, 0
	for i < len(s) {
		if p < len(pattern) && pattern[p] == '*' {
			p++
			if p == len(pattern) {
				return true
			}
			star, from = p, i
			continue
		}
		if p < len(pattern) {
			if matches, next := globByte(pattern, p, s[i]); matches {
				p, i = next, i+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		p, i = star, from
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// globByte reports whether c matches what pattern has at p, which is no *, and
// where the pattern goes on.
func globByte(pattern string, p int, c byte) (matches bool, next int) {
	switch pattern[p] {
	case '?':
		return true, p + 1
	case '[':
		return globClass(pattern, p+1, c)
	case '\\':
		if p+1 < len(pattern) {
			p++
		}
	}
	return pattern[p] == c, p + 1
}

// globClass is globByte for a class whose [ is behind it.
func globClass(pattern string, p int, c byte) (matches bool, next int) {
	not := p < len(pattern) && pattern[p] == '^'
	if not {
		p++
	}
	in := false
	for ; p < len(pattern) && pattern[p] != ']'; p++ {
		switch {
		case pattern[p] == '\\' && p+1 < len(pattern):
			p++
			in = in || pattern[p] == c
		case p+2 < len(pattern) && pattern[p+1] == '-':
			low, high := pattern[p], pattern[p+2]
			in = in || min(low, high) <= c && c <= max(low, high)
			p += 2
		default:
			in = in || pattern[p] == c
		}
	}
	return in != not, min(p+1, len(pattern))
}
