package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/yuin/gopher-lua/ast"
)

// rewriter changes a parsed chunk before it is compiled, because gopher-lua has no
// hooks for what must be bounded or differs from Lua 5.1:
//
//   - a .. b is a call of a helper, which bounds strings and writes numbers as Lua;
//   - t[k] = v is one, as a number k makes an array of that size;
//   - a, b = b, a is a block: gopher-lua gives both the same value. So is
//     a = (b or c) and a, where it has b in the place of a too early;
//   - #v is one where there may be a __len, which tables do not heed in Lua 5.1.
//
// The helpers are locals around the chunk, with names that no script can write. It
// also collects the sites.
type rewriter struct {
	values  []string
	sites   map[int][]site
	scope   *scope
	depth   int
	deep    bool
	lengths bool // whether # is rewritten
	logical int  // how many "and" and "or" there were
}

const (
	helperConcat = "(concat)"
	helperAssign = "(assign)"
	helperKey    = "(key)"
	helperLength = "(length)"
	helperCount  = 4
)

// maxDepth is how deep expressions and blocks may lie in each other: the compiler
// calls itself.
const maxDepth = 2000

// scope is a block, or the parameters of a function.
type scope struct {
	parent   *scope
	function int // how deep the function is
	names    map[string]bool
}

func (r *rewriter) chunk(body []ast.Stmt) []ast.Stmt {
	r.scope = &scope{names: map[string]bool{}}
	fn := &ast.FunctionExpr{ParList: &ast.ParList{HasVargs: true}, Stmts: body}
	last := 1
	if len(body) > 0 {
		last = body[len(body)-1].LastLine()
	}
	fn.SetLine(1)
	fn.SetLastLine(last + 1)
	r.function(fn)
	return []ast.Stmt{
		&ast.LocalAssignStmt{Names: []string{helperConcat, helperAssign, helperKey, helperLength}, Exprs: []ast.Expr{&ast.Comma3Expr{}}},
		&ast.ReturnStmt{Exprs: []ast.Expr{fn}},
	}
}

func (r *rewriter) function(fn *ast.FunctionExpr) {
	outer := r.scope
	r.scope = &scope{parent: outer, function: outer.function + 1, names: map[string]bool{}}
	for _, name := range fn.ParList.Names {
		r.declare(name)
	}
	r.stmts(fn.Stmts)
	r.scope = outer
}

func (r *rewriter) declare(name string) { r.scope.names[name] = true }

// block rewrites the statements of a scope of their own, with the names that it
// begins with, and what else belongs to it.
func (r *rewriter) block(stmts []ast.Stmt, names []string, also ...*ast.Expr) {
	outer := r.scope
	r.scope = &scope{parent: outer, function: outer.function, names: map[string]bool{}}
	for _, name := range names {
		r.declare(name)
	}
	r.stmts(stmts)
	for _, e := range also {
		r.expr(e)
	}
	r.scope = outer
}

func (r *rewriter) enter() bool {
	r.depth++
	r.deep = r.deep || r.depth > maxDepth
	return !r.deep
}

func (r *rewriter) leave() { r.depth-- }

func (r *rewriter) stmts(stmts []ast.Stmt) {
	for i, s := range stmts {
		if r.enter() {
			stmts[i] = r.stmt(s)
		}
		r.leave()
	}
}

func (r *rewriter) stmt(s ast.Stmt) ast.Stmt {
	switch s := s.(type) {
	case *ast.AssignStmt:
		return r.assignment(s)
	case *ast.LocalAssignStmt:
		if fn, ok := onlyFunction(s); ok { // local function f: it is known inside
			r.declare(s.Names[0])
			r.function(fn)
			return s
		}
		r.exprs(s.Exprs)
		for _, name := range s.Names {
			r.declare(name)
		}
	case *ast.FuncCallStmt:
		r.expr(&s.Expr)
	case *ast.DoBlockStmt:
		r.block(s.Stmts, nil)
	case *ast.WhileStmt:
		r.expr(&s.Condition)
		r.block(s.Stmts, nil)
	case *ast.RepeatStmt:
		r.block(s.Stmts, nil, &s.Condition)
	case *ast.IfStmt:
		r.expr(&s.Condition)
		r.block(s.Then, nil)
		r.block(s.Else, nil)
	case *ast.NumberForStmt:
		r.expr(&s.Init)
		r.expr(&s.Limit)
		if s.Step != nil {
			r.expr(&s.Step)
		}
		r.block(s.Stmts, []string{s.Name})
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		r.block(s.Stmts, s.Names)
	case *ast.FuncDefStmt:
		if s.Name.Func != nil {
			r.expr(&s.Name.Func)
		}
		if s.Name.Receiver != nil {
			r.expr(&s.Name.Receiver)
		}
		outer := r.scope
		if s.Name.Method != "" {
			r.scope = &scope{parent: outer, function: outer.function, names: map[string]bool{}}
		}
		r.function(s.Func)
		r.scope = outer
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	}
	return s
}

// onlyFunction is what a local function is parsed as.
func onlyFunction(s *ast.LocalAssignStmt) (*ast.FunctionExpr, bool) {
	if len(s.Names) != 1 || len(s.Exprs) != 1 {
		return nil, false
	}
	fn, ok := s.Exprs[0].(*ast.FunctionExpr)
	return fn, ok
}

// key has a key that is not known checked.
func (r *rewriter) key(e *ast.Expr) {
	small := isSmallKey(*e)
	line := (*e).Line()
	r.expr(e)
	if !small {
		*e = r.helper(helperKey, line, single(*e))
	}
}

// isSmallKey reports whether a key makes no large array.
func isSmallKey(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.StringExpr:
		return true
	case *ast.NumberExpr:
		return len(e.Value) <= 4 && !strings.ContainsAny(e.Value, "eExX")
	}
	return false
}

func (r *rewriter) exprs(list []ast.Expr) {
	for i := range list {
		r.expr(&list[i])
	}
}

func (r *rewriter) expr(e *ast.Expr) {
	if r.enter() {
		*e = r.rewritten(*e)
	}
	r.leave()
}

func (r *rewriter) rewritten(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.StringConcatOpExpr:
		return r.concat(e)
	case *ast.AttrGetExpr:
		r.indexing(e)
		r.expr(&e.Object)
		r.expr(&e.Key)
	case *ast.FuncCallExpr:
		r.call(e)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			if f.Key != nil {
				r.key(&f.Key)
			}
			r.expr(&f.Value)
			if f.Key != nil {
				single(f.Value) // gopher-lua takes all values of the last call
			}
		}
	case *ast.LogicalOpExpr:
		r.logical++
		r.expr(&e.Lhs)
		r.expr(&e.Rhs)
	case *ast.RelationalOpExpr:
		r.expr(&e.Lhs)
		r.expr(&e.Rhs)
	case *ast.ArithmeticOpExpr:
		r.site(e, site{kind: siteLeft, value: r.describe(e.Lhs)})
		r.site(e, site{kind: siteRight, value: r.describe(e.Rhs)})
		r.expr(&e.Lhs)
		r.expr(&e.Rhs)
	case *ast.UnaryMinusOpExpr:
		r.site(e, site{kind: siteNegation, value: r.describe(e.Expr)})
		r.expr(&e.Expr)
	case *ast.UnaryNotOpExpr:
		r.expr(&e.Expr)
	case *ast.UnaryLenOpExpr:
		r.site(e, site{kind: siteLength, value: r.describe(e.Expr)})
		r.expr(&e.Expr)
		if r.lengths {
			return r.helper(helperLength, e.Line(), single(e.Expr))
		}
	case *ast.FunctionExpr:
		r.function(e)
	}
	return e
}

func (r *rewriter) call(e *ast.FuncCallExpr) {
	if e.Receiver != nil {
		r.site(e, site{kind: siteIndex, key: e.Method, value: r.describe(e.Receiver)})
		r.site(e, site{kind: siteMethod, key: e.Method, value: "method '" + e.Method + "'"})
		r.expr(&e.Receiver)
	} else {
		r.site(e, site{kind: siteCall, value: r.describe(e.Func), path: r.path(e.Func)})
		r.expr(&e.Func)
	}
	r.exprs(e.Args)
}

func (r *rewriter) indexing(e *ast.AttrGetExpr) {
	s := site{kind: siteIndex, value: r.describe(e.Object)}
	if key, ok := e.Key.(*ast.StringExpr); ok {
		s.key = key.Value
	}
	r.site(e, s)
}

// concatAtOnce is how many operands one call of the helper gets: each needs a
// register.
const concatAtOnce = 50

func (r *rewriter) concat(e *ast.StringConcatOpExpr) ast.Expr {
	var operands []ast.Expr
	var rest ast.Expr = e
	for {
		c, ok := rest.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		operands = append(operands, c.Lhs)
		rest = c.Rhs
	}
	operands = append(operands, rest)
	ids := make([]ast.Expr, len(operands))
	for i := range operands {
		ids[i] = r.value(operands[i])
		r.expr(&operands[i])
	}
	// What is last is done first.
	result := single(operands[len(operands)-1])
	id := ids[len(ids)-1]
	for end := len(operands) - 1; end > 0; {
		begin := max(0, end-concatAtOnce)
		args := []ast.Expr{ids[begin], id}
		args = append(args, operands[begin:end]...)
		result = r.helper(helperConcat, e.Line(), append(args, result)...)
		id, end = r.value(nil), begin
	}
	return result
}

// value notes what messages call a value, and returns the number of that.
func (r *rewriter) value(e ast.Expr) ast.Expr {
	name := r.describe(e)
	at := slices.Index(r.values, name)
	if at < 0 {
		at = len(r.values)
		r.values = append(r.values, name)
	}
	return &ast.NumberExpr{Value: fmt.Sprint(at)}
}

func (r *rewriter) helper(name string, line int, args ...ast.Expr) *ast.FuncCallExpr {
	fn := &ast.IdentExpr{Value: name}
	fn.SetLine(line)
	call := &ast.FuncCallExpr{Func: fn, Args: args}
	call.SetLine(line)
	call.SetLastLine(line)
	return call
}

func (r *rewriter) helperStmt(name string, line int, args ...ast.Expr) ast.Stmt {
	s := &ast.FuncCallStmt{Expr: r.helper(name, line, args...)}
	s.SetLine(line)
	s.SetLastLine(line)
	return s
}

// single is an expression of which only the first value counts.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}
