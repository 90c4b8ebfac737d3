package jwtauth

// ForgetVerdicts makes every token a new one, for the benchmarks.
func ForgetVerdicts(v *Verifier) { v.verdicts.entries.Purge() }

// TakeAllPermits takes every permit until release is called.
func TakeAllPermits(v *Verifier) (release func()) {
	for range cap(v.limiter.permits) {
		<-v.limiter.permits
	}
	return func() {
		for range cap(v.limiter.permits) {
			v.limiter.permits <- 0
		}
	}
}
