package znsocket

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

// atEnd is called when all tests have run, last first.
var atEnd []func()

// No test of this package leaves a goroutine behind.
func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(atEnd) - 1; i >= 0; i-- {
		atEnd[i]()
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}
