package goroutines

import (
	"fmt"
	"os"

	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// Run runs the tests of a package, a *testing.M, and returns the code to exit with. They fail if goroutines are left that
// are not ignored. On a busy machine goleak alone gives up too soon: River's client takes seconds to give up its leadership
// if the database does not answer.
func Run(tests interface{ Run() int }, ignored ...goleak.Option) (code int) {
	if code = tests.Run(); code != 0 {
		return code
	}
	var left error
	if !wait.For(func() bool { left = goleak.Find(ignored...); return left == nil }) {
		fmt.Fprintln(os.Stderr, left)
		return 1
	}
	return 0
}
