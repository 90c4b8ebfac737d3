package goroutines

import (
	"go.uber.org/goleak"

	"github.com/journey-os/journey-api/internal/testkit/wait"
)

// Tests are those of a package: a *testing.M.
type Tests interface{ Run() (code int) }

// Main is a TestMain that fails if goroutines are left which are not ignored. On a busy machine goleak alone gives up too
// soon: River's client takes seconds to give up its leadership if the database does not answer.
func Main(tests Tests, ignored ...goleak.Option) {
	goleak.VerifyTestMain(Patient(tests, ignored...), ignored...)
}

// OfFasthttp ignores the clock that fasthttp keeps for the process, once a server has run.
func OfFasthttp() []goleak.Option {
	return []goleak.Option{
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
		goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
	}
}

// Patient returns tests that give what they leave behind wait.Limit to end, if they pass.
func Patient(tests Tests, ignored ...goleak.Option) Tests { return patient{tests, ignored} }

type patient struct {
	tests   Tests
	ignored []goleak.Option
}

func (p patient) Run() (code int) {
	if code = p.tests.Run(); code == 0 {
		wait.For(func() bool { return goleak.Find(p.ignored...) == nil })
	}
	return code
}
