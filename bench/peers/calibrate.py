"""Calibrates a wide CSV with another package and prints what `journey-api calibrate --json` says too: peers.py girth|mirt FILE"""
import json
import sys
import time

import numpy

peer, path = sys.argv[1:]
with open(path) as file:
    items = file.readline().count(",")
answers = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=range(1, items + 1)).astype(int)
started = time.time()
said = {}
if peer == "girth":
    import girth
    girth.threepl_mml(answers.T)
else:
    import mirt
    from mirt.estimation import BetaPrior, LogNormalPrior
    fit = mirt.fit_mirt(answers, "3PL", n_quadpts=61, tol=1e-3, max_iter=100, compute_standard_errors=False, accelerate="squarem",
                        priors={"discrimination": LogNormalPrior(.2, .5), "guessing": BetaPrior(5, 17)})
    said = {"iterations_used": int(fit.n_iterations), "log_likelihood": float(fit.log_likelihood)}
print(json.dumps({"elapsed_seconds": time.time() - started, **said}))
