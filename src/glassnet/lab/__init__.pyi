from glassnet.lab.notebook import show as show
