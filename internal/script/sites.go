package script

import "github.com/yuin/gopher-lua/ast"

// site is an operation that may fail, and what messages call the value that it
// works on.
type site struct {
	kind  siteKind
	key   string   // of an index or a method, where it is a constant
	value string   // such as "field 'x'"
	path  []string // of names that lead there from a global one
}

type siteKind int

const (
	siteCall siteKind = iota
	siteMethod
	siteIndex
	siteLeft // of an arithmetic operation
	siteRight
	siteNegation
	siteLength
)

func (r *rewriter) site(at ast.PositionHolder, s site) {
	r.sites[at.Line()] = append(r.sites[at.Line()], s)
}

// describe is what Lua calls a value in messages, "" where it has no name.
func (r *rewriter) describe(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		return r.kindOf(e.Value) + " '" + e.Value + "'"
	case *ast.AttrGetExpr:
		if key, ok := e.Key.(*ast.StringExpr); ok {
			return "field '" + key.Value + "'"
		}
		return "field '?'"
	}
	return ""
}

func (r *rewriter) kindOf(name string) string {
	for s := r.scope; s != nil; s = s.parent {
		switch {
		case !s.names[name]:
		case s.function == r.scope.function:
			return "local"
		default:
			return "upvalue"
		}
	}
	return "global"
}

// path is how an expression of names alone begins at a global one.
func (r *rewriter) path(e ast.Expr) []string {
	switch e := e.(type) {
	case *ast.IdentExpr:
		if r.kindOf(e.Value) == "global" {
			return []string{e.Value}
		}
	case *ast.AttrGetExpr:
		if key, ok := e.Key.(*ast.StringExpr); ok {
			if p := r.path(e.Object); p != nil {
				return append(p, key.Value)
			}
		}
	}
	return nil
}
