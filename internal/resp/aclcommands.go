package resp

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/znsocket/znsocket/internal/rediscommands"
)

// categories are those of ACL rules, in Redis's order.
var categories = strings.Fields(`keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub
	admin fast slow blocking dangerous connection transaction scripting`)

// inCategory are the names of the commands of each category, subcommands among them.
var inCategory = sync.OnceValue(func() map[string][]string {
	names := map[string][]string{}
	rediscommands.Each(func(d *rediscommands.Description) {
		for _, category := range d.Categories() {
			name := strings.TrimPrefix(string(category.(rediscommands.Status)), "@")
			names[name] = append(names[name], d.Name)
		}
	})
	return names
})

// commandRights are the commands that a user may run. What Redis has no name for is
// allowed to those who may run all commands, of the future too.
type commandRights struct {
	future  bool
	allowed map[string]bool     // by name
	args    map[string][]string // first arguments with which a command is allowed that is not
}

func (r *commandRights) clone() commandRights {
	return commandRights{r.future, maps.Clone(r.allowed), maps.Clone(r.args)}
}

func (r *commandRights) setAll(allow bool) {
	r.future, r.allowed, r.args = allow, map[string]bool{}, map[string][]string{}
	rediscommands.Each(func(d *rediscommands.Description) { r.allowed[d.Name] = allow })
}

func (r *commandRights) setCategory(name string, allow bool) {
	for _, command := range inCategory()[name] {
		r.set(command, allow)
	}
}

func (r *commandRights) set(command string, allow bool) {
	r.allowed[command] = allow
	delete(r.args, command)
}

// all reports whether there is nothing that may not be run.
func (r *commandRights) all() bool {
	for _, allowed := range r.allowed {
		if !allowed {
			return false
		}
	}
	return r.future
}

// allow reports whether a call of a command may be run.
func (r *commandRights) allow(command string, argv []string) bool {
	allowed, known := r.allowed[command]
	switch {
	case !known:
		return r.future
	case allowed:
		return true
	}
	command, _, _ = strings.Cut(command, "|")
	return len(argv) > 1 && slices.ContainsFunc(r.args[command], func(arg string) bool { return strings.EqualFold(arg, argv[1]) })
}

// apply applies a rule such as +get, -@write or +config|get.
func (r *commandRights) apply(rule string) (problem string) {
	const unknown = "Unknown command or category name in ACL"
	allow := rule[0] == '+'
	name := strings.ToLower(rule[1:])
	if category, ok := strings.CutPrefix(name, "@"); ok {
		switch {
		case category == "all":
			r.setAll(allow)
		case slices.Contains(categories, category):
			r.setCategory(category, allow)
		default:
			return unknown
		}
		return ""
	}
	if d := rediscommands.Describe(name); d != nil {
		r.set(d.Name, allow)
		for _, sub := range d.Subcommands() {
			r.set(sub.Name, allow)
		}
		return ""
	}
	command, arg, hasArg := strings.Cut(name, "|")
	d := rediscommands.Describe(command)
	switch {
	case d == nil || !hasArg || !allow:
		return unknown
	case strings.Contains(arg, "|") || len(d.Subcommands()) > 0:
		return unknown
	case arg == "":
		return wrongRule
	}
	if !slices.Contains(r.args[command], arg) {
		r.args[command] = append(slices.Clone(r.args[command]), arg)
	}
	return ""
}

// String writes rules that give these rights: categories where they fit, and then the
// commands that differ.
func (r *commandRights) String() string {
	var have commandRights
	have.setAll(r.future)
	rules, sign, inverse := "-@all", "+", false
	if r.future {
		rules, sign, inverse = "+@all", "-", true
	}
	rest := r.clone()
	applied := map[string]bool{}
	for {
		best, least, most := "", math.MaxInt, 0
		for _, category := range categories {
			same, differ := 0, 0
			for _, command := range inCategory()[category] {
				if rest.allowed[command] != inverse {
					same++
				} else {
					differ++
				}
			}
			if !applied[category] && same > differ && (differ < least || differ == least && same > most) {
				best, least, most = category, differ, same
			}
		}
		if best == "" {
			break
		}
		rules += " " + sign + "@" + best
		have.setCategory(best, !inverse)
		rest.setCategory(best, inverse)
		applied[best] = true
	}
	rediscommands.Each(func(d *rediscommands.Description) {
		allow := r.allowed[d.Name]
		if have.allowed[d.Name] != allow {
			rule := map[bool]string{true: "+", false: "-"}[allow] + d.Name
			have.apply(rule)
			rules += " " + rule
		}
		if !allow {
			for _, arg := range r.args[d.Name] {
				rules += " +" + d.Name + "|" + arg
			}
		}
	})
	return rules
}
