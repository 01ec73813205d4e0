//go:build !windows && (!unix || solaris || aix)

package journal

import (
	"errors"
	"os"
)

// lockFile has no lock that would go with the process.
func lockFile(string) (*os.File, error) { return nil, errors.ErrUnsupported }
