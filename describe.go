package znsocket

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// String returns what kind of object it is and its name, as List("users"). It does
// not ask the store: for what is in the object see Summary and Dump.
func (o object) String() string {
	kind, name, _ := strings.Cut(strings.TrimPrefix(o.key, "znsocket."), ":")
	return fmt.Sprintf("%s(%q)", kind, name)
}

// Summary returns how many elements there are, as List(len=3).
func (l *List[T]) Summary(ctx context.Context) (string, error) {
	n, err := l.Len(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("List(len=%d)", n), nil
}

// Dump returns all elements as the JSON that is stored, as List([1, "two"]).
func (l *List[T]) Dump(ctx context.Context) (string, error) {
	texts, err := (&List[json.RawMessage]{l.object}).Slice(ctx, Begin, End)
	if err != nil {
		return "", err
	}
	return "List([" + joined(texts) + "])", nil
}

// Summary returns how many elements there are, as Segments(len=3).
func (s *Segments[T]) Summary(ctx context.Context) (string, error) {
	n, err := s.Len(ctx)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Segments(len=%d)", n), nil
}

// Dump returns all elements as the JSON that is stored, as Segments([1, "two"]).
func (s *Segments[T]) Dump(ctx context.Context) (string, error) {
	texts, err := (&Segments[json.RawMessage]{s.object}).Slice(ctx, Begin, End)
	if err != nil {
		return "", err
	}
	return "Segments([" + joined(texts) + "])", nil
}

// Summary returns the fields, as Dict(keys=["a", "b"]).
func (d *Dict[T]) Summary(ctx context.Context) (string, error) {
	keys, err := d.Keys(ctx)
	if err != nil {
		return "", err
	}
	texts := make([]json.RawMessage, len(keys))
	for i, key := range keys {
		texts[i] = json.RawMessage(jsonText(key))
	}
	return "Dict(keys=[" + joined(texts) + "])", nil
}

// Dump returns all fields with their values as the JSON that is stored, as
// Dict({"a": 1, "b": [2]}).
func (d *Dict[T]) Dump(ctx context.Context) (string, error) {
	items, err := (&Dict[json.RawMessage]{d.object}).Items(ctx)
	if err != nil {
		return "", err
	}
	texts := make([]json.RawMessage, len(items))
	for i, item := range items {
		texts[i] = json.RawMessage(jsonText(item.Key) + ": " + string(item.Value))
	}
	return "Dict({" + joined(texts) + "})", nil
}

func joined(texts []json.RawMessage) string {
	var b strings.Builder
	for i, text := range texts {
		if i > 0 {
			b.WriteString(", ")
		}
		b.Write(text)
	}
	return b.String()
}
