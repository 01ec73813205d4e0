package script

import (
	"fmt"
	"slices"

	"github.com/yuin/gopher-lua/ast"
)

func (r *rewriter) assignment(s *ast.AssignStmt) ast.Stmt {
	if to, ok := s.Lhs[0].(*ast.AttrGetExpr); ok && len(s.Lhs) == 1 && len(s.Rhs) == 1 && !isSmallKey(to.Key) {
		id := r.value(to.Object)
		r.expr(&to.Object)
		r.expr(&to.Key)
		r.expr(&s.Rhs[0])
		return r.helperStmt(helperAssign, s.Line(), id, to.Object, to.Key, single(s.Rhs[0]))
	}
	before := r.logical
	r.exprs(s.Rhs)
	if _, ok := s.Lhs[0].(*ast.IdentExpr); len(s.Lhs) > 1 || ok && r.logical > before {
		return r.assignAll(s)
	}
	if to, ok := s.Lhs[0].(*ast.AttrGetExpr); ok {
		r.indexing(to)
		r.expr(&to.Object)
	}
	return s
}

// assignAll makes of an assignment of several a block: what tables and keys there
// are on the left is found out first, then the values, and they are assigned from
// the last to the first.
func (r *rewriter) assignAll(s *ast.AssignStmt) ast.Stmt {
	b := blockOf{line: s.Line()}
	values := make([]ast.Expr, len(s.Lhs))
	names := make([]string, len(s.Lhs))
	var assigned []ast.Stmt
	for i, left := range s.Lhs {
		names[i] = fmt.Sprintf("(value %d)", i)
		values[i] = b.ident(names[i])
		to, ok := left.(*ast.AttrGetExpr)
		if !ok {
			assigned = append(assigned, b.assign(left, values[i]))
			continue
		}
		r.indexing(to)
		id, small := r.value(to.Object), isSmallKey(to.Key)
		r.expr(&to.Object)
		r.expr(&to.Key)
		object, key := b.local(fmt.Sprintf("(table %d)", i), to.Object), to.Key
		if !small {
			key = b.local(fmt.Sprintf("(key %d)", i), key)
			assigned = append(assigned, r.helperStmt(helperAssign, b.line, id, object, key, values[i]))
			continue
		}
		place := &ast.AttrGetExpr{Object: object, Key: key}
		place.SetLine(b.line)
		assigned = append(assigned, b.assign(place, values[i]))
	}
	b.locals(names, s.Rhs)
	slices.Reverse(assigned)
	block := &ast.DoBlockStmt{Stmts: append(b.stmts, assigned...)}
	block.SetLine(b.line)
	block.SetLastLine(max(s.LastLine(), b.line))
	return block
}

// blockOf puts statements of one line together.
type blockOf struct {
	line  int
	stmts []ast.Stmt
}

func (b *blockOf) ident(name string) ast.Expr {
	e := &ast.IdentExpr{Value: name}
	e.SetLine(b.line)
	return e
}

// local keeps a value under a name, which it returns.
func (b *blockOf) local(name string, value ast.Expr) ast.Expr {
	b.locals([]string{name}, []ast.Expr{value})
	return b.ident(name)
}

func (b *blockOf) locals(names []string, values []ast.Expr) {
	s := &ast.LocalAssignStmt{Names: names, Exprs: values}
	s.SetLine(b.line)
	s.SetLastLine(b.line)
	b.stmts = append(b.stmts, s)
}

func (b *blockOf) assign(to, value ast.Expr) ast.Stmt {
	s := &ast.AssignStmt{Lhs: []ast.Expr{to}, Rhs: []ast.Expr{value}}
	s.SetLine(b.line)
	s.SetLastLine(b.line)
	return s
}
