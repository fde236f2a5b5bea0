import type { Compiler } from '../compilation.ts';
import { adaBoostClassifier } from './ada-boost.ts';
import { binDiscretizer } from './bins.ts';
import { calibratedClassifier, isotonicRegression } from './calibration.ts';
import { powerTransformer, quantileTransformer } from './distributions.ts';
import { dummyClassifier, dummyRegressor } from './dummies.ts';
import { functionTransformer } from './functions.ts';
import { kernelPca, nystroem } from './kernel-maps.ts';
import { localOutlierFactor } from './local-outliers.ts';
import { nearestNeighboursImputer } from './neighbour-imputer.ts';
import { polynomialFeatures } from './polynomial.ts';
import { classifierChain, multiOutputClassifier, regressorChain } from './several-outputs.ts';
import { splineTransformer } from './splines.ts';
import { stackingClassifier, stackingRegressor } from './stacking.ts';
import { transformedTargetRegressor } from './target-transform.ts';
import { baggingClassifier, baggingRegressor } from './bagging.ts';
import { birch, ellipticEnvelope, gaussianMixture, kMeans } from './clusters.ts';
import { columnTransformer, featureUnion, pipeline, search } from './composition.ts';
import * as selection from './feature-selection.ts';
import { forestClassifier, forestRegressor } from './forests.ts';
import { gradientBoostingClassifier, gradientBoostingRegressor } from './gradient-boosting.ts';
import {
  histGradientBoostingClassifier,
  histGradientBoostingRegressor,
} from './hist-gradient-boosting.ts';
import { missingIndicator, simpleImputer } from './imputers.ts';
import { isolationForest } from './isolation-forest.ts';
import {
  linearClassifier,
  linearDiscriminantAnalysis,
  logisticRegression,
  quadraticDiscriminantAnalysis,
  sgdClassifier,
} from './linear-classifiers.ts';
import { linearRegressor, logLinkRegressor, ransacRegressor, tweedieRegressor } from './linear.ts';
import { oneVersusOne, oneVersusRest, votingClassifier } from './meta-classifiers.ts';
import { adaBoostRegressor, multiOutputRegressor, votingRegressor } from './meta-regressors.ts';
import * as bayes from './naive-bayes.ts';
import {
  nearestCentroid,
  nearestNeighboursClassifier,
  nearestNeighboursRegressor,
} from './neighbours.ts';
import { perceptronClassifier, perceptronRegressor } from './networks.ts';
import { oneHotEncoder } from './one-hot-encoder.ts';
import { ordinalEncoder, targetEncoder } from './ordinal-encoder.ts';
import {
  factorAnalysis,
  fastIca,
  pca,
  plsRegression,
  randomProjection,
  rbfSampler,
  truncatedSvd,
} from './projections.ts';
import * as scalers from './scalers.ts';
import { oneClassSvm, supportVectorClassifier, supportVectorRegressor } from './support-vectors.ts';
import {
  countVectorizer,
  hashingVectorizer,
  tfidfTransformer,
  tfidfVectorizer,
} from './text-vectorizers.ts';
import { lgbBooster, lgbClassifier, lgbRegressor } from './lightgbm.ts';
import { xgbBooster, xgbClassifier, xgbRegressor } from './xgboost.ts';

/**
 * Every class that can be compiled, by package and class name. Modules inside of scikit-learn moved
 * over the years, class names did not.
 */
const compilers: Readonly<Record<string, Compiler>> = {
  // Scalers
  'sklearn.StandardScaler': scalers.standardScaler,
  'sklearn.MinMaxScaler': scalers.minMaxScaler,
  'sklearn.MaxAbsScaler': scalers.maxAbsScaler,
  'sklearn.RobustScaler': scalers.robustScaler,
  'sklearn.Normalizer': scalers.normalizer,
  'sklearn.Binarizer': scalers.binarizer,
  // Linear models
  'sklearn.LinearRegression': linearRegressor,
  'sklearn.Ridge': linearRegressor,
  'sklearn.RidgeCV': linearRegressor,
  'sklearn.Lasso': linearRegressor,
  'sklearn.LassoCV': linearRegressor,
  'sklearn.ElasticNet': linearRegressor,
  'sklearn.ElasticNetCV': linearRegressor,
  'sklearn.MultiTaskLasso': linearRegressor,
  'sklearn.MultiTaskLassoCV': linearRegressor,
  'sklearn.MultiTaskElasticNet': linearRegressor,
  'sklearn.MultiTaskElasticNetCV': linearRegressor,
  'sklearn.Lars': linearRegressor,
  'sklearn.LarsCV': linearRegressor,
  'sklearn.LassoLars': linearRegressor,
  'sklearn.LassoLarsCV': linearRegressor,
  'sklearn.LassoLarsIC': linearRegressor,
  'sklearn.OrthogonalMatchingPursuit': linearRegressor,
  'sklearn.OrthogonalMatchingPursuitCV': linearRegressor,
  'sklearn.BayesianRidge': linearRegressor,
  'sklearn.ARDRegression': linearRegressor,
  'sklearn.HuberRegressor': linearRegressor,
  'sklearn.TheilSenRegressor': linearRegressor,
  'sklearn.QuantileRegressor': linearRegressor,
  'sklearn.SGDRegressor': linearRegressor,
  'sklearn.PassiveAggressiveRegressor': linearRegressor,
  'sklearn.LinearSVR': linearRegressor,
  'sklearn.PoissonRegressor': logLinkRegressor,
  'sklearn.GammaRegressor': logLinkRegressor,
  'sklearn.TweedieRegressor': tweedieRegressor,
  'sklearn.RANSACRegressor': ransacRegressor,
  'sklearn.LogisticRegression': logisticRegression,
  'sklearn.LogisticRegressionCV': logisticRegression,
  'sklearn.SGDClassifier': sgdClassifier,
  'sklearn.RidgeClassifier': linearClassifier,
  'sklearn.RidgeClassifierCV': linearClassifier,
  'sklearn.Perceptron': linearClassifier,
  'sklearn.PassiveAggressiveClassifier': linearClassifier,
  'sklearn.LinearSVC': linearClassifier,
  'sklearn.LinearDiscriminantAnalysis': linearDiscriminantAnalysis,
  'sklearn.QuadraticDiscriminantAnalysis': quadraticDiscriminantAnalysis,
  // Trees
  'sklearn.DecisionTreeClassifier': forestClassifier,
  'sklearn.ExtraTreeClassifier': forestClassifier,
  'sklearn.RandomForestClassifier': forestClassifier,
  'sklearn.ExtraTreesClassifier': forestClassifier,
  'sklearn.DecisionTreeRegressor': forestRegressor,
  'sklearn.ExtraTreeRegressor': forestRegressor,
  'sklearn.RandomForestRegressor': forestRegressor,
  'sklearn.ExtraTreesRegressor': forestRegressor,
  'sklearn.GradientBoostingClassifier': gradientBoostingClassifier,
  'sklearn.GradientBoostingRegressor': gradientBoostingRegressor,
  'sklearn.HistGradientBoostingClassifier': histGradientBoostingClassifier,
  'sklearn.HistGradientBoostingRegressor': histGradientBoostingRegressor,
  'sklearn.IsolationForest': isolationForest,
  // Composition
  'sklearn.Pipeline': pipeline,
  'sklearn.FeatureUnion': featureUnion,
  'sklearn.ColumnTransformer': columnTransformer,
  'sklearn.GridSearchCV': search,
  'sklearn.RandomizedSearchCV': search,
  'sklearn.HalvingGridSearchCV': search,
  'sklearn.HalvingRandomSearchCV': search,
  // Columns
  'sklearn.SimpleImputer': simpleImputer,
  'sklearn.MissingIndicator': missingIndicator,
  'sklearn.KNNImputer': nearestNeighboursImputer,
  'sklearn.OneHotEncoder': oneHotEncoder,
  'sklearn.OrdinalEncoder': ordinalEncoder,
  'sklearn.TargetEncoder': targetEncoder,
  'sklearn.QuantileTransformer': quantileTransformer,
  'sklearn.PowerTransformer': powerTransformer,
  'sklearn.KBinsDiscretizer': binDiscretizer,
  'sklearn.PolynomialFeatures': polynomialFeatures,
  'sklearn.SplineTransformer': splineTransformer,
  'sklearn.FunctionTransformer': functionTransformer,
  // Selection and projection
  'sklearn.VarianceThreshold': selection.varianceThreshold,
  'sklearn.SelectKBest': selection.selectKBest,
  'sklearn.SelectPercentile': selection.selectPercentile,
  'sklearn.SelectFpr': selection.selectFpr,
  'sklearn.SelectFdr': selection.selectFdr,
  'sklearn.SelectFwe': selection.selectFwe,
  'sklearn.GenericUnivariateSelect': selection.genericUnivariateSelect,
  'sklearn.SelectFromModel': selection.selectFromModel,
  'sklearn.RFE': selection.byMask,
  'sklearn.RFECV': selection.byMask,
  'sklearn.SequentialFeatureSelector': selection.byMask,
  'sklearn.PCA': pca,
  'sklearn.IncrementalPCA': pca,
  'sklearn.TruncatedSVD': truncatedSvd,
  'sklearn.FastICA': fastIca,
  'sklearn.FactorAnalysis': factorAnalysis,
  'sklearn.PLSRegression': plsRegression,
  'sklearn.GaussianRandomProjection': randomProjection,
  'sklearn.SparseRandomProjection': randomProjection,
  'sklearn.RBFSampler': rbfSampler,
  'sklearn.KernelPCA': kernelPca,
  'sklearn.Nystroem': nystroem,
  // Text
  'sklearn.CountVectorizer': countVectorizer,
  'sklearn.TfidfVectorizer': tfidfVectorizer,
  'sklearn.TfidfTransformer': tfidfTransformer,
  'sklearn.HashingVectorizer': hashingVectorizer,
  // Support vectors, neighbours, naive Bayes, networks, clusters
  'sklearn.SVC': supportVectorClassifier,
  'sklearn.NuSVC': supportVectorClassifier,
  'sklearn.SVR': supportVectorRegressor,
  'sklearn.NuSVR': supportVectorRegressor,
  'sklearn.OneClassSVM': oneClassSvm,
  'sklearn.KNeighborsClassifier': nearestNeighboursClassifier,
  'sklearn.KNeighborsRegressor': nearestNeighboursRegressor,
  'sklearn.NearestCentroid': nearestCentroid,
  'sklearn.GaussianNB': bayes.gaussianNaiveBayes,
  'sklearn.MultinomialNB': bayes.multinomialNaiveBayes,
  'sklearn.ComplementNB': bayes.complementNaiveBayes,
  'sklearn.BernoulliNB': bayes.bernoulliNaiveBayes,
  'sklearn.CategoricalNB': bayes.categoricalNaiveBayes,
  'sklearn.MLPClassifier': perceptronClassifier,
  'sklearn.MLPRegressor': perceptronRegressor,
  'sklearn.KMeans': kMeans,
  'sklearn.MiniBatchKMeans': kMeans,
  'sklearn.MeanShift': kMeans,
  'sklearn.Birch': birch,
  'sklearn.GaussianMixture': gaussianMixture,
  'sklearn.EllipticEnvelope': ellipticEnvelope,
  'sklearn.LocalOutlierFactor': localOutlierFactor,
  'sklearn.IsotonicRegression': isotonicRegression,
  // Estimators made of estimators
  'sklearn.VotingClassifier': votingClassifier,
  'sklearn.VotingRegressor': votingRegressor,
  'sklearn.BaggingClassifier': baggingClassifier,
  'sklearn.BaggingRegressor': baggingRegressor,
  'sklearn.AdaBoostClassifier': adaBoostClassifier,
  'sklearn.AdaBoostRegressor': adaBoostRegressor,
  'sklearn.OneVsRestClassifier': oneVersusRest,
  'sklearn.OneVsOneClassifier': oneVersusOne,
  'sklearn.CalibratedClassifierCV': calibratedClassifier,
  'sklearn.StackingClassifier': stackingClassifier,
  'sklearn.StackingRegressor': stackingRegressor,
  'sklearn.MultiOutputClassifier': multiOutputClassifier,
  'sklearn.MultiOutputRegressor': multiOutputRegressor,
  'sklearn.ClassifierChain': classifierChain,
  'sklearn.RegressorChain': regressorChain,
  'sklearn.TransformedTargetRegressor': transformedTargetRegressor,
  'sklearn.DummyClassifier': dummyClassifier,
  'sklearn.DummyRegressor': dummyRegressor,
  // Other libraries
  'xgboost.XGBClassifier': xgbClassifier,
  'xgboost.XGBRFClassifier': xgbClassifier,
  'xgboost.XGBRegressor': xgbRegressor,
  'xgboost.XGBRFRegressor': xgbRegressor,
  'xgboost.XGBRanker': xgbRegressor,
  'xgboost.Booster': xgbBooster,
  'lightgbm.LGBMClassifier': lgbClassifier,
  'lightgbm.LGBMRegressor': lgbRegressor,
  'lightgbm.LGBMRanker': lgbRegressor,
  'lightgbm.Booster': lgbBooster,
};

/** The compiler of a class; undefined for what is not covered. */
export function compilerOf(module: string, name: string): Compiler | undefined {
  const [library = ''] = module.split('.', 1);
  const key = `${library}.${name}`;
  return Object.hasOwn(compilers, key) ? compilers[key] : undefined;
}
