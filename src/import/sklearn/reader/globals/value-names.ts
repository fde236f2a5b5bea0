const ufuncs =
  'absolute abs log1p expm1 log exp exp2 sqrt cbrt square log2 log10 sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arctanh reciprocal sign negative floor ceil rint trunc fabs deg2rad rad2deg degrees radians isnan isfinite logical_not';

/** Functions and types that fitted models refer to. They are compared by name; none is ever called. */
export const valueNames: Readonly<Record<string, string>> = {
  builtins: 'object int float str bool',
  numpy: `ndarray matrix memmap generic number integer floating bool_ bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 intp uintp longlong float16 float32 float64 longdouble complex64 complex128 str_ bytes_ object_ void datetime64 timedelta64 mean median max min sum std var nan_to_num ravel asarray array clip round ${ufuncs}`,
  'numpy.core._multiarray_umath': ufuncs,
  'numpy.core.fromnumeric': 'mean sum ravel clip round',
  'numpy.core.memmap': 'memmap',
  'numpy.lib.function_base': 'median',
  'numpy.lib._function_base_impl': 'median',
  'numpy.matrixlib.defmatrix': 'matrix',
  'numpy.random._mt19937': 'MT19937',
  'numpy.random._pcg64': 'PCG64 PCG64DXSM',
  'numpy.random._philox': 'Philox',
  'numpy.random._sfc64': 'SFC64',
  'scipy._lib.array_api_compat.numpy._aliases': 'asarray',
  'scipy.special': 'expit logit inv_boxcox boxcox boxcox1p xlogy',
  'scipy.special._ufuncs': 'expit logit inv_boxcox boxcox boxcox1p xlogy',
  'sklearn.cluster._kmeans': '_kmeans_single_lloyd _kmeans_single_elkan',
  'sklearn.cluster.k_means_': '_kmeans_single_lloyd _kmeans_single_elkan',
  'sklearn.feature_selection._univariate_selection':
    'chi2 f_classif f_oneway f_regression r_regression',
  'sklearn.feature_selection.univariate_selection': 'chi2 f_classif f_oneway f_regression',
  'sklearn.feature_selection._mutual_info': 'mutual_info_classif mutual_info_regression',
  'sklearn.feature_selection.mutual_info_': 'mutual_info_classif mutual_info_regression',
  'sklearn.metrics._scorer': '_passthrough_scorer',
  'sklearn.metrics.scorer': '_passthrough_scorer',
  'sklearn.metrics._classification':
    'accuracy_score balanced_accuracy_score brier_score_loss cohen_kappa_score f1_score fbeta_score jaccard_score log_loss matthews_corrcoef precision_score recall_score zero_one_loss',
  'sklearn.metrics.classification':
    'accuracy_score balanced_accuracy_score brier_score_loss cohen_kappa_score f1_score fbeta_score log_loss matthews_corrcoef precision_score recall_score',
  'sklearn.metrics._ranking': 'average_precision_score roc_auc_score top_k_accuracy_score',
  'sklearn.metrics.ranking': 'average_precision_score roc_auc_score',
  'sklearn.metrics._regression':
    'explained_variance_score max_error mean_absolute_error mean_absolute_percentage_error mean_squared_error mean_squared_log_error median_absolute_error r2_score root_mean_squared_error',
  'sklearn.metrics.regression':
    'explained_variance_score max_error mean_absolute_error mean_squared_error mean_squared_log_error median_absolute_error r2_score',
  'sklearn.metrics.pairwise':
    'additive_chi2_kernel chi2_kernel cosine_distances cosine_similarity euclidean_distances laplacian_kernel linear_kernel manhattan_distances nan_euclidean_distances polynomial_kernel rbf_kernel sigmoid_kernel',
  'sklearn.model_selection._search_successive_halving': '_refit_callable',
  'sklearn.utils.validation': 'check_array',
};
