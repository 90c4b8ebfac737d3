"""Calibrates a wide CSV with another package and prints seconds, iterations and log-likelihood: peers.py girth|mirt FILE"""
import sys
import time

import numpy

peer, path = sys.argv[1:]
with open(path) as file:
    items = file.readline().count(",")
answers = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=range(1, items + 1)).astype(int)
started = time.time()
if peer == "girth":
    import girth
    girth.threepl_mml(answers.T)
    print(time.time() - started, "", "")
else:
    import mirt
    from mirt.estimation import BetaPrior, LogNormalPrior
    fit = mirt.fit_mirt(answers, "3PL", n_quadpts=61, tol=1e-3, max_iter=100, compute_standard_errors=False, accelerate="squarem",
                        priors={"discrimination": LogNormalPrior(.2, .5), "guessing": BetaPrior(5, 17)})
    print(time.time() - started, fit.n_iterations, fit.log_likelihood)
